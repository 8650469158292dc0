"""Errors in the user's words. Raised low, translated once at the edge (exit code, problem document)."""


class YinseError(Exception):
    """Base of every error a user may see.

    `message` is one sentence that says what is wrong and what to do; `code` is a stable machine name.
    """

    code: str = "error"
    exit_code: int = 1

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class InvalidInput(YinseError):
    """What the caller gave cannot be used: empty text, unknown language, a file that is not audio.

    Of several it says which one: `file` counts the files of a form from 0, `recording` is the id of one that is kept.
    """

    code = "invalid_input"
    exit_code = 2
    file: int | None = None
    recording: str | None = None


class AudioUnreadable(InvalidInput):
    """The bytes are not audio we can decode, or end too early."""

    code = "audio_unreadable"


class RecordingRejected(InvalidInput):
    """The recording is audio but cannot make a voice; the message carries the advice."""

    code = "recording_rejected"
    exit_code = 3


class NotFound(YinseError):
    """A named voice, weight bundle or file does not exist."""

    code = "not_found"
    exit_code = 4


class AlreadyExists(YinseError):
    """The name is taken; nothing was overwritten."""

    code = "already_exists"
    exit_code = 4


class CorruptFile(YinseError):
    """A voice or weight file fails its digest or does not parse."""

    code = "corrupt_file"
    exit_code = 5


class StorageFull(YinseError):
    """The disk is full or not writable; nothing half-written remains."""

    code = "storage_full"
    exit_code = 6


class SynthesisFailed(YinseError):
    """The model could not speak a segment acceptably within the retry budget."""

    code = "synthesis_failed"
    exit_code = 7
