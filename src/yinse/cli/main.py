"""The `yinse` command: imports only the subcommand invoked, turns errors into a sentence and an exit code."""

import errno
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import Any

import click

from yinse import __version__
from yinse.contracts.errors import StorageFull, YinseError

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells expect."""

DEFECT = 70
"""Exit code of an error nobody foresaw: EX_SOFTWARE of sysexits.h."""

_OF_THE_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM})
"""What the system says where a disk is full or a file is not ours: no defect, wherever it comes up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a subcommand lives (`module:attribute`), and its line in `--help`."""

    target: str
    help: str


COMMANDS: Mapping[str, Entry] = MappingProxyType(
    {
        "check": Entry("yinse.cli.check:check", "Report the quality of a recording, with advice."),
        "enrol": Entry("yinse.cli.enrol:enrol", "Make a voice from about a minute of recordings."),
        "adapt": Entry("yinse.cli.adapt:adapt", "Fine-tune the models on an enrolled voice."),
        "speak": Entry("yinse.cli.speak:speak", "Speak a text in a voice."),
        "voices": Entry("yinse.cli.voices:voices", "List, show and delete voices."),
        "weights": Entry("yinse.cli.weights:weights", "Import, export, pull and verify model weights."),
        "corpus": Entry("yinse.cli.corpus:corpus", "Build a training corpus from recordings."),
        "train": Entry("yinse.cli.train:train", "Train a model from a recipe."),
        "release": Entry("yinse.cli.release:release", "Write trained parts as the weights that ship."),
        "bench": Entry("yinse.cli.bench:bench", "Measure speed and memory on this machine."),
        "serve": Entry("yinse.cli.serve:serve", "Serve the web API and the studio."),
        "accounts": Entry("yinse.cli.accounts:accounts", "Manage the accounts of a server."),
        "keys": Entry("yinse.cli.keys:keys", "Manage API keys and the keys that seal voices."),
        "backup": Entry("yinse.cli.backup:backup", "Back up and restore a server."),
        "audit": Entry("yinse.cli.audit:audit", "Read and verify the audit trail."),
    }
)


class CommandMissing(YinseError):
    """The subcommand exists but something it needs is not installed."""

    code = "command_missing"
    exit_code = 69  # EX_UNAVAILABLE of sysexits.h


def load(name: str, entry: Entry) -> click.Command:
    """Import the subcommand `name`; raises `CommandMissing` when a module it needs is not there."""
    module, attribute = entry.target.split(":")
    try:
        command = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        if error.name == module:
            raise CommandMissing(f"`yinse {name}` is not part of this version of Yinse.") from error
        raise CommandMissing(
            f"`yinse {name}` needs the Python package {error.name}: install it first."
        ) from error
    if not isinstance(command, click.Command):
        raise TypeError(f"{entry.target} is not a click command")
    return command


class LazyGroup(click.Group):
    """A group whose subcommands are rows of a table; only the one invoked is imported."""

    def __init__(self, *arguments: Any, entries: Mapping[str, Entry], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.entries = entries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table: the order in which a newcomer needs them."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the named subcommand, or None when the table has no such name."""
        entry = self.entries.get(cmd_name)
        return None if entry is None else load(cmd_name, entry)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the table into `--help` without importing any subcommand."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])


@click.group(cls=LazyGroup, entries=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="yinse")
def cli() -> None:
    """Clone a minute of speech, then speak any Chinese, English or Japanese text in that voice."""


def run(arguments: Sequence[str] | None = None, group: click.Group = cli) -> int:
    """Run one command line and return its exit code; every failure is one sentence on standard error."""
    debug = os.environ.get("YINSE_DEBUG") == "1"
    try:
        result = group.main(args=arguments, prog_name="yinse", standalone_mode=False)
    except click.Abort as abort:
        # A prompt hides what ended it from the traceback, but not from us.
        interrupted = isinstance(abort.__cause__ or abort.__context__, KeyboardInterrupt)
        click.echo("Interrupted." if interrupted else "Aborted.", err=True)
        return INTERRUPTED if interrupted else 1
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except YinseError as error:
        if debug:
            raise
        click.echo(error.message, err=True)
        return error.exit_code
    except Exception as error:
        if debug:
            raise
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            place = f"{error.filename}: " if error.filename else ""
            click.echo(f"{place}{error.strerror}.", err=True)
            return StorageFull.exit_code
        click.echo(
            f"Unexpected error ({describe(error)}); run again with YINSE_DEBUG=1 to see where.", err=True
        )
        return DEFECT
    return result if isinstance(result, int) else 0


def describe(error: Exception) -> str:
    """Name an unforeseen error in one line."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def main() -> None:
    """Entry point of the console script."""
    sys.exit(run())
