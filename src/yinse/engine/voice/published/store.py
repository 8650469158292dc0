"""Imported voices on disk, beside the enrolled ones.

A published voice is a folder of `voices/` like any other, with its card and its prompt, and its converted weights in
`published/`. Until a reference is given it has no prompt and cannot speak.
"""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from yinse.contracts.errors import InvalidInput, NotFound
from yinse.engine.audio.files import write_atomic
from yinse.engine.checkpoints.bundled import CARD_FILE, VOICE_FILE
from yinse.engine.checkpoints.published import bundle as bundles
from yinse.engine.checkpoints.published.bundle import Bundle, Manifest
from yinse.engine.checkpoints.published.checkpoint import Kind
from yinse.engine.checkpoints.published.library import Library
from yinse.engine.voice.home import (
    VoiceCard,
    VoiceHome,
    card_bytes,
    put_in_place,
    read_card,
    staging,
    yinse_home,
)
from yinse.engine.voice.published.prompt import PublishedPrompt

WEIGHTS: Final = "published"
SHARED: Final = "weights"
"""Folder of `YINSE_HOME` that holds the models all voices share."""


def library() -> Library:
    """The published models of this user."""
    return Library(yinse_home() / SHARED)


def is_published(folder: Path) -> bool:
    """Whether the voice in a folder was imported."""
    return (folder / WEIGHTS / bundles.MANIFEST).exists()


class PublishedHome:
    """The imported voices among a user's voices."""

    def __init__(self, home: VoiceHome | None = None) -> None:
        self.home = home or VoiceHome()

    def names(self) -> list[str]:
        """Imported voices by name."""
        return [name for name in self.home.names() if is_published(self.home.folder(name))]

    def folder(self, name: str) -> Path:
        """Where an imported voice lies. Raises `NotFound`, and `InvalidInput` for a voice of another kind."""
        folder = self.home.folder(name)
        if not is_published(folder):
            raise InvalidInput(f"The voice {name!r} was not imported: it has no published weights.")
        return folder

    def manifest(self, name: str) -> Manifest:
        """What is known of a voice's weights, without reading them."""
        return bundles.read_manifest(self.folder(name) / WEIGHTS)

    def bundle(self, name: str) -> Bundle:
        """A voice's weights, digests checked. Raises `CorruptFile`."""
        return bundles.load(self.folder(name) / WEIGHTS)

    def prompt(self, name: str) -> PublishedPrompt:
        """What a voice's reference contributes; `NotFound` where none was given."""
        path = self.folder(name) / VOICE_FILE
        if not path.exists():
            raise NotFound(
                f"The voice {name!r} has no reference yet. Give one: "
                f"yinse weights reference RECORDING --voice {name} --prompt-text ...",
                code="reference_missing",
            )
        return PublishedPrompt.from_bytes(path.read_bytes())

    def summary(self, name: str) -> dict[str, Any]:
        """What is known of a voice, as plain values."""
        folder = self.folder(name)
        parts = self.manifest(name).parts
        heard = self.prompt(name) if (folder / VOICE_FILE).exists() else None
        return {
            **asdict(read_card(folder)),
            "version": parts[Kind.S2].version,
            "lora": parts[Kind.S2].lora,
            "reference": heard.reference if heard else None,
            "transcript": heard.transcript if heard else None,
            "weights": {kind.value: part.sha256 for kind, part in parts.items()},
        }

    def save(
        self,
        name: str,
        bundle: Bundle,
        prompt: PublishedPrompt | None,
        seconds: float,
        *,
        replace: bool = False,
    ) -> Path:
        """Write a voice as a whole folder. Raises `AlreadyExists`, `StorageFull`; nothing half-written remains."""
        target = self.home.target(name, replace=replace)
        with staging(self.home.voices) as folder:
            bundles.save(bundle, folder / WEIGHTS)
            (folder / CARD_FILE).write_bytes(_card(name, bundle.manifest, prompt, seconds))
            if prompt is not None:
                (folder / VOICE_FILE).write_bytes(prompt.to_bytes())
            put_in_place(folder, target, replace=replace)
        return target

    def give_reference(self, name: str, prompt: PublishedPrompt, seconds: float) -> None:
        """Replace the reference of a voice."""
        folder = self.folder(name)
        write_atomic(folder / VOICE_FILE, prompt.to_bytes())
        write_atomic(folder / CARD_FILE, _card(name, self.manifest(name), prompt, seconds))


def _card(name: str, manifest: Manifest, prompt: PublishedPrompt | None, seconds: float) -> bytes:
    version = manifest.parts[Kind.S2].version
    card = VoiceCard(
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        net_speech_s=seconds,
        grade="",
        languages=(prompt.language,) if prompt and prompt.language else (),
        source=f"GPT-SoVITS {version}",
        adapted=True,
    )
    return card_bytes(card)
