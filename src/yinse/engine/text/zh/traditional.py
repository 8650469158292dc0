"""Traditional characters to simplified ones, one for one, so that the simplified tables read both.

The pairs come from OpenCC (Apache-2.0); see `compile.py`.
"""

from functools import cache

from yinse.engine.text.tables import lines


@cache
def _pairs() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in lines("zh_traditional.txt.gz")}


def simplify(text: str) -> str:
    """Replace each traditional character; the length stays."""
    return text.translate(_pairs())
