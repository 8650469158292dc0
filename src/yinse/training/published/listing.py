"""What is to be learnt from: a `.list` file (`path|speaker|language|text`), or a folder of recordings with texts.

A line that cannot be used is reported with its number and the reason; the others are kept.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from yinse.contracts.errors import InvalidInput, NotFound

LANGUAGES: Final = {"zh": "zh", "en": "en", "ja": "ja", "jp": "ja"}
"""Codes that lists use, in any case, and what they mean."""
UNREAD: Final = {"ko": "Korean", "yue": "Cantonese"}
"""Codes that the published tools know and our reading does not."""
SOUNDS: Final = (".wav", ".flac", ".mp3", ".ogg", ".opus", ".m4a")
TEXTS: Final = (".txt", ".lab")


@dataclass(frozen=True, slots=True)
class Line:
    """One recording and what is said in it."""

    number: int
    path: Path
    speaker: str
    language: str
    text: str

    @property
    def name(self) -> str:
        """What everything made of it is called."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line was left out."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """Lines that can be used, and problems of the others."""

    lines: tuple[Line, ...]
    problems: tuple[Problem, ...] = ()

    def without(self, reasons: Mapping[int, str]) -> "Listing":
        """This listing, lines whose numbers are given a reason among the problems."""
        kept = tuple(line for line in self.lines if line.number not in reasons)
        problems = (*self.problems, *(Problem(number, reason) for number, reason in reasons.items()))
        return Listing(kept, tuple(sorted(problems, key=lambda one: one.number)))

    def report(self) -> str:
        """One sentence, then one line a problem."""
        total = len(self.lines) + len(self.problems)
        head = f"{len(self.lines)} of {total} recordings can be used."
        return "\n".join([head, *(f"line {one.number}: {one.reason}" for one in self.problems)])


def read_list(path: Path, recordings: Path | None = None) -> Listing:
    """Read a `.list`. Recordings lie where it says, beside it, or in the folder given, found by their file names.

    Raises `NotFound`; `InvalidInput` when no line can be used.
    """
    if not path.is_file():
        raise NotFound(f"There is no list '{path}'.")
    folders = [recordings] if recordings else [Path(), path.parent]
    raw = path.read_bytes().removeprefix(b"\xef\xbb\xbf").splitlines()
    found = [_line(number, line, folders) for number, line in enumerate(raw, 1) if line.strip()]
    return _listing(found, path)


def read_folder(folder: Path, language: str, speaker: str = "voice") -> Listing:
    """Every recording of a folder with the text file of the same name beside it.

    Raises `NotFound`; `InvalidInput` when no recording can be used.
    """
    if not folder.is_dir():
        raise NotFound(f"There is no folder '{folder}'.")
    sounds = sorted(path for path in folder.iterdir() if path.suffix.lower() in SOUNDS)
    found = [_beside(number, path, language, speaker) for number, path in enumerate(sounds, 1)]
    return _listing(found, folder)


def _line(number: int, raw: bytes, folders: list[Path]) -> Line | Problem:
    try:
        fields = raw.decode("utf-8").split("|", 3)
    except UnicodeDecodeError:
        return Problem(number, "it is not UTF-8 text")
    if len(fields) < 4:
        return Problem(number, f"it has {len(fields)} fields of 4 (path|speaker|language|text)")
    place, speaker, code, text = (field.strip() for field in fields)
    path = _find(Path(place.replace("\\", "/")), folders)
    if path is None:
        return Problem(number, f"there is no recording '{place}'")
    return _checked(number, path, speaker, code, text)


def _find(place: Path, folders: list[Path]) -> Path | None:
    candidates = [place] if place.is_absolute() else []
    candidates += [folder / part for folder in folders for part in (place, place.name) if str(part)]
    return next((path for path in candidates if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    """Also false for what can be no file's name: a text that stands where the path should, say."""
    try:
        return path.is_file()
    except OSError:
        return False


def _beside(number: int, path: Path, language: str, speaker: str) -> Line | Problem:
    texts = [other for suffix in TEXTS if (other := path.with_suffix(suffix)).is_file()]
    if not texts:
        return Problem(number, f"'{path.name}' has no text beside it ({path.stem}.txt)")
    try:
        text = " ".join(texts[0].read_text("utf-8-sig").split())
    except UnicodeDecodeError:
        return Problem(number, f"'{texts[0].name}' is not UTF-8 text")
    return _checked(number, path, speaker, language, text)


def _checked(number: int, path: Path, speaker: str, code: str, text: str) -> Line | Problem:
    if code.lower() in UNREAD:
        return Problem(number, f"{UNREAD[code.lower()]} cannot be read yet")
    if code.lower() not in LANGUAGES:
        return Problem(number, f"'{code}' is no language; there are {', '.join(LANGUAGES)}")
    if not text:
        return Problem(number, "it has no text")
    return Line(number, path, speaker, LANGUAGES[code.lower()], text)


def _listing(found: list[Line | Problem], source: Path) -> Listing:
    singles = list(_without_twins(found))
    lines = tuple(one for one in singles if isinstance(one, Line))
    problems = tuple(one for one in singles if isinstance(one, Problem))
    if not lines:
        reasons = "; ".join(f"line {one.number}: {one.reason}" for one in problems[:3]) or "it is empty"
        raise InvalidInput(f"No recording of '{source}' can be used: {reasons}.", code="empty_list")
    return Listing(lines, problems)


def _without_twins(found: list[Line | Problem]) -> Iterator[Line | Problem]:
    """Everything made of a recording goes by its file name, so the second of two equal names is left out."""
    seen: dict[str, int] = {}
    for one in found:
        if isinstance(one, Line) and one.name in seen:
            yield Problem(one.number, f"line {seen[one.name]} also has a recording called '{one.name}'")
            continue
        if isinstance(one, Line):
            seen[one.name] = one.number
        yield one
