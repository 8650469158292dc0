"""Traditional characters to simplified ones, one for one, so that the simplified tables read both.

The pairs come from OpenCC (Apache-2.0); see `compile.py`.
"""

import re
from functools import cache
from typing import Final

from yinse.engine.text.tables import lines

_KEPT: Final = re.compile("乾(?=[隆坤陵卦元清])")
"""乾 is 干 when it means dry, and stays itself in names."""
_PARTICLE: Final = re.compile(
    "(?<![名原专專巨译譯论論编編合遗遺显顯卓所土撰新拙])著(?![名作者称稱书書录錄述论論有])"
)
"""著 as Taiwan and Hong Kong write 着."""


@cache
def _pairs() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for pair in lines("zh_traditional.txt.gz")}


def simplify(text: str) -> str:
    """Replace each traditional character; the length stays.

    著 is 着 unless it means to write; at the end of a text in simplified characters it does (鲁迅著).
    """
    simplified = text.translate(_pairs())
    if kept := [match.start() for match in _KEPT.finditer(text)]:
        characters = list(simplified)
        for place in kept:
            characters[place] = text[place]
        simplified = "".join(characters)
    is_signature = simplified == text and text.endswith("著")
    return simplified if is_signature else _PARTICLE.sub("着", simplified)
