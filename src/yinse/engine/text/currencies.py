"""Currencies as they are written: signs before or after an amount, and the codes of ISO 4217."""

import re
from typing import Final

from yinse.engine.text.tables import rows

_WRITTEN: Final = sorted((row[0] for row in rows("currencies.tsv")), key=len, reverse=True)


def _any(names: list[str]) -> str:
    return "|".join(rf"(?<![A-Za-z]){name}" if name[0].isalpha() else name for name in map(re.escape, names))


SIGN: Final = "".join(name for name in _WRITTEN if len(name) == 1)
"""Every sign of one character."""
BEFORE: Final = f"(?:{_any(_WRITTEN)})"
"""What stands before an amount: `$`, `HK$`, `USD`."""
_CODE: Final = "|".join(name for name in _WRITTEN if name.isalpha())
AFTER: Final = rf"(?:[{SIGN}](?!\d)|(?:{_CODE})(?![A-Za-z]|\s(?:file|model|drawing|design)))"
"""What stands after an amount: `€`, `EUR`."""
