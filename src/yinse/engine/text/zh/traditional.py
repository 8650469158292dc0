"""Traditional characters to simplified ones, one for one, so that the simplified tables read both.

The pairs come from OpenCC (Apache-2.0); see `compile.py`.
"""

import gzip
from functools import cache
from importlib import resources


@cache
def _pairs() -> dict[int, str]:
    compressed = resources.files("yinse.engine.text").joinpath("data", "zh_traditional.txt.gz").read_bytes()
    pairs = gzip.decompress(compressed).decode("utf-8").split("\n")
    return {ord(pair[0]): pair[1] for pair in pairs if pair}


def simplify(text: str) -> str:
    """Replace each traditional character; the length stays."""
    return text.translate(_pairs())
