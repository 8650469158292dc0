"""Where a run keeps what it writes, and the voices in it.

`YINSE_HOME` (default: the platform's user data folder) holds `voices/<name>/`: `voice.safetensors`,
`voice.json`, the raw `recordings/` and, once adapted, `adapter.safetensors`. A voice appears whole or not at all.
"""

import errno
import json
import os
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import platformdirs

from yinse.contracts.errors import AlreadyExists, CorruptFile, InvalidInput, NotFound, StorageFull
from yinse.engine.audio.decode import decode
from yinse.engine.audio.encode import write_audio
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import default_weights
from yinse.engine.checkpoints.bundled import CARD_FILE, VOICE_FILE
from yinse.engine.voice.prompt import VoicePrompt

RECORDINGS: Final = "recordings"
ADAPTER_FILE: Final = "adapter.safetensors"
_KINDS: Final = {"name": str, "created": str, "net_speech_s": int | float, "grade": str, "source": str}
NAME: Final = re.compile(r"[\w][\w .-]{0,63}", re.UNICODE)


@dataclass(frozen=True, slots=True)
class VoiceCard:
    """What is known about a voice besides its sound."""

    name: str
    created: str
    net_speech_s: float
    grade: str
    languages: tuple[str, ...]
    source: str
    adapted: bool = False
    preset: bool = False


@dataclass(frozen=True, slots=True)
class Voice:
    """An enrolled voice: its card and its prompt."""

    card: VoiceCard
    prompt: VoicePrompt

    @classmethod
    def load(cls, name: str) -> "Voice":
        """One of one's own voices, or a preset, by name."""
        return VoiceHome().load(name)


def yinse_home() -> Path:
    """The folder that everything a run writes goes into."""
    named = os.environ.get("YINSE_HOME")
    return Path(named) if named else Path(platformdirs.user_data_dir("yinse", appauthor=False))


def check_name(name: str) -> str:
    """Accept names of up to 64 letters, digits, spaces, dots, dashes and underscores, never a path; return them composed.

    One name is one voice, whether its accents and kana marks were typed as signs of their own (NFD) or not.
    """
    name = unicodedata.normalize("NFC", name)
    if not NAME.fullmatch(name) or name.endswith((" ", ".")):
        raise InvalidInput(
            f"{name!r} is no voice name: use up to 64 letters, digits, spaces, '-', '_' or '.'"
        )
    return name


class VoiceHome:
    """Voices on disk: the user's own, then the presets that ship with the weights."""

    def __init__(self, home: Path | None = None, presets: Path | None = None) -> None:
        self.voices = (home or yinse_home()) / "voices"
        self.presets = presets or default_weights() / "voices"

    def names(self) -> list[str]:
        """All voices, damaged ones too: own ones first, each kind in order; one's own hides a preset of its name."""
        folders = [*_folders(self.voices), *_folders(self.presets)]
        return list(dict.fromkeys(unicodedata.normalize("NFC", folder.name) for folder in folders))

    def cards(self) -> list[VoiceCard]:
        """The cards of all voices in the order of `names`. Raises `CorruptFile` where one is damaged."""
        return [self.card(name) for name in self.names()]

    def card(self, name: str) -> VoiceCard:
        """What is known of a voice besides its sound. Raises `NotFound`, `CorruptFile`."""
        return read_card(self.folder(name))

    def folder(self, name: str) -> Path:
        """Where a voice lies; `NotFound` names the ones there are."""
        name = check_name(name)
        for root in (self.voices, self.presets):
            if (root / name / CARD_FILE).exists():
                return root / name
        known = ", ".join(self.names()) or "none yet; make one with `yinse enrol`"
        raise NotFound(f"there is no voice {name!r}; there are: {known}")

    def load(self, name: str) -> Voice:
        """Read a voice; `CorruptFile` if it is damaged."""
        folder = self.folder(name)
        path = folder / VOICE_FILE
        if not path.exists():
            raise CorruptFile(f"the voice {name!r} has lost its file {VOICE_FILE}; enrol it again")
        return Voice(read_card(folder), VoicePrompt.from_bytes(path.read_bytes()))

    def adapter(self, name: str) -> Path | None:
        """Fine-tuned weights of a voice, if it has been adapted."""
        path = self.folder(name) / ADAPTER_FILE
        return path if path.exists() else None

    def save(self, voice: Voice, *, replace: bool = False) -> Path:
        """Write a voice as a whole folder; an existing one is kept unless `replace`. Raises `AlreadyExists`, `StorageFull`."""
        target = self.target(voice.card.name, replace=replace)
        with staging(self.voices) as folder:
            (folder / VOICE_FILE).write_bytes(voice.prompt.to_bytes())
            (folder / CARD_FILE).write_bytes(card_bytes(voice.card))
            put_in_place(folder, target, replace=replace)
        return target

    def target(self, name: str, *, replace: bool = False) -> Path:
        """Where a voice of this name would be written. Raises `AlreadyExists` unless it may be replaced."""
        target = self.voices / check_name(name)
        if target.exists() and not replace:
            raise taken(name)
        return target

    def update_card(self, voice: Voice) -> None:
        """Replace what is known about one of one's own voices."""
        folder = self.voices / check_name(voice.card.name)
        write_atomic(folder / CARD_FILE, card_bytes(voice.card))

    def keep_recordings(self, name: str, recordings: list[Waveform]) -> None:
        """Keep the raw takes beside the voice: adaptation and later weights need them."""
        for index, recording in enumerate(recordings):
            write_audio(self.voices / check_name(name) / RECORDINGS / f"{index:03d}.flac", recording, "flac")

    def recordings(self, name: str) -> list[Waveform]:
        """The raw takes of a voice, in order."""
        return [decode(path) for path in sorted((self.folder(name) / RECORDINGS).glob("*.flac"))]

    def delete(self, name: str) -> None:
        """Remove one's own voice and everything derived from it. Presets cannot be deleted.

        The card goes last: until then an interrupted deletion can be asked for again.
        """
        folder = self.folder(name)
        if folder.parent == self.presets:
            raise InvalidInput(f"{name!r} is a preset that ships with Yinse and cannot be deleted")
        try:
            for path in sorted(folder.iterdir()):
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != CARD_FILE:
                    path.unlink()
            shutil.rmtree(folder)
        except OSError as error:
            raise StorageFull(
                f"the voice {name!r} cannot be deleted: {error.strerror}", code="not_writable"
            ) from error


def taken(name: str) -> AlreadyExists:
    """What to say where a voice would take the place of another."""
    return AlreadyExists(f"there is already a voice {name!r}; choose another name or pass --replace")


@contextmanager
def staging(voices: Path) -> Iterator[Path]:
    """An empty folder to make a voice in, beside the voices; gone afterwards unless it was put in its place.

    Trouble with the disk becomes `StorageFull`.
    """
    try:
        voices.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".partial-", dir=voices, ignore_cleanup_errors=True) as aside:
            folder = Path(aside) / "new"
            folder.mkdir(0o700)
            yield folder
    except OSError as error:
        raise StorageFull(f"the voice cannot be written: {error.strerror}; nothing was kept") from error


def put_in_place(folder: Path, place: Path, *, replace: bool) -> None:
    """Rename a folder of `staging` to where it belongs; with `replace` after moving aside what is there.

    On any trouble, an interrupt too, that is moved back. Raises `AlreadyExists` where another process has made a voice of this name
    in the meantime.
    """
    old = folder.with_name("old")
    try:
        if replace and place.exists():
            place.rename(old)
        folder.rename(place)
    except BaseException as error:
        if old.exists() and not place.exists():
            old.rename(place)
        if isinstance(error, OSError) and error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise taken(place.name) from error
        raise


def card_bytes(card: VoiceCard) -> bytes:
    """A card as it is kept."""
    return (json.dumps(asdict(card), indent=1, ensure_ascii=False) + "\n").encode()


def _folders(root: Path) -> list[Path]:
    return sorted(path.parent for path in root.glob(f"*/{CARD_FILE}") if not path.parent.name.startswith("."))


def read_card(folder: Path) -> VoiceCard:
    """Parse a voice's card."""
    try:
        raw = json.loads((folder / CARD_FILE).read_text("utf-8"))
        card = VoiceCard(**{**raw, "languages": tuple(raw["languages"])})
        if wrong := [name for name, kind in _KINDS.items() if not isinstance(getattr(card, name), kind)]:
            raise TypeError(f"{', '.join(wrong)} cannot be that")
        return card
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as error:
        raise CorruptFile(f"the card of the voice {folder.name!r} is damaged: {error}") from error
