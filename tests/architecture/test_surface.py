"""The public surface, frozen: a change here is a change for every user, and belongs in the changelog."""

import importlib

from yinse.cli.main import COMMANDS
from yinse.contracts import errors

COMMAND_NAMES = {
    "check", "enrol", "adapt", "speak", "voices", "weights", "corpus", "train", "release", "bench",
    "serve", "accounts", "keys", "audit", "backup",
}  # fmt: skip

EXIT_CODES = {
    "YinseError": ("error", 1),
    "InvalidInput": ("invalid_input", 2),
    "AudioUnreadable": ("audio_unreadable", 2),
    "RecordingRejected": ("recording_rejected", 3),
    "NotFound": ("not_found", 4),
    "AlreadyExists": ("already_exists", 4),
    "CorruptFile": ("corrupt_file", 5),
    "StorageFull": ("storage_full", 6),
    "SynthesisFailed": ("synthesis_failed", 7),
}


def test_the_commands():
    assert set(COMMANDS) == COMMAND_NAMES


def test_error_codes_and_exit_codes_never_change():
    now = {name: (kind.code, kind.exit_code) for name, kind in vars(errors).items() if isinstance(kind, type)}
    assert {name: now.get(name) for name in EXIT_CODES} == EXIT_CODES


def test_an_error_speaks_its_message_and_may_carry_a_finer_code():
    error = errors.InvalidInput("The text is empty.", code="text_empty")
    assert (str(error), error.message, error.code) == (
        "The text is empty.",
        "The text is empty.",
        "text_empty",
    )
    assert errors.InvalidInput.code == "invalid_input"


def test_the_engine_offers_three_names():
    assert set(importlib.import_module("yinse.engine").__all__) == {"Synthesizer", "Voice", "Waveform"}
