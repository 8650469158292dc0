"""E-mail and web addresses, said part by part."""

import re
from collections.abc import Callable
from typing import Final

_EXTENSIONS: Final = "js|ts|py|txt|pdf|html|css|csv|json|xml|md|docx?|xlsx?|pptx?|jpe?g|png|gif|mp3|mp4|wav|zip|exe|cpp|java|sql"
"""Of file names, said like addresses: `report.pdf`, `Node.js`."""
ADDRESS: Final = (
    r"(?a:(?:https?://|www\.)[A-Za-z0-9][\w./?=&%#~:+-]{0,300}[\w/]"
    r"|(?<![\w.+-])[A-Za-z0-9][\w.+-]{0,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+"
    r"|(?<![\w.@-])[\w-]{1,63}"
    rf"\.(?:{_EXTENSIONS})(?![\w.])"
    r"|(?<![\w.@-])[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,3}"
    r"\.(?:com|cn|org|net|io|ai|jp|edu|gov|dev|app|tv|info|wiki)(?![\w@])(?:/[\w./-]{0,300}[\w/])?)"
)
_SCHEME: Final = re.compile(r"^https?://")
_PART: Final = re.compile(r"[A-Za-z]+|\d+|[^A-Za-z\d]")
_SPELLED: Final = frozenset(
    "www http https cn jp io ai tv edu uk "
    "js ts py txt pdf html css csv xml md docx xls xlsx ppt pptx jpg png mp exe cpp sql".split()
)


def say_address(address: str, names: dict[str, str], say_digits: Callable[[str], str]) -> str:
    """Say an address: words as words, `www` and country codes as letters, digits one by one, marks by `names`.

    The scheme (`https://`) is left out, as people do; a mark without a name is silent.
    """
    spoken: list[str] = []
    for part in _PART.findall(_SCHEME.sub("", address).rstrip("/")):
        if part.isdigit():
            spoken.append(say_digits(part))
        elif part.isalpha():
            spoken.append(spell(part) if part.lower() in _SPELLED else part)
        elif part in names:
            spoken.append(names[part])
    return " ".join(spoken)


def spell(letters: str) -> str:
    """Letters one by one, in capitals, so that each is read by its name."""
    return " ".join(letters.upper())
