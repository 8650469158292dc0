"""Japanese figures that OpenJTalk would read wrongly; amounts with counters are left to it."""

from typing import Final

_NAMES: Final = ("ゼロ", "イチ", "ニー", "サン", "ヨン", "ゴー", "ロク", "ナナ", "ハチ", "キュー")


def digits(figures: str) -> str:
    """Digit by digit, as telephone numbers are read: `03` -> ゼロサン. Other characters are left out."""
    return "".join(_NAMES[int(char)] for char in figures if char.isdigit())


def plain(figures: str) -> str:
    """Figures without separators or leading zeros, for OpenJTalk to read: `1,000` -> 1000, `03` -> 3."""
    whole, point, fraction = figures.replace(",", "").partition(".")
    return (whole.lstrip("0") or "0") + point + fraction
