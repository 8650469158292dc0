"""The command's outer contract: exit codes, one sentence on standard error, imports only when needed."""

import errno
import os
import re
import sys
from types import ModuleType

import click
import pytest

from yinse.cli.main import COMMANDS, DEFECT, INTERRUPTED, CommandMissing, Entry, LazyGroup, load, run
from yinse.contracts.errors import InvalidInput, StorageFull, YinseError


def group_raising(error: BaseException) -> click.Group:
    @click.group()
    def group() -> None: ...

    @group.command()
    def fail() -> None:
        raise error

    return group


@pytest.mark.parametrize("error", [YinseError("Too bad."), InvalidInput("Too bad."), StorageFull("Too bad.")])
def test_a_foreseen_error_is_one_sentence_and_its_own_exit_code(error, capsys, monkeypatch):
    monkeypatch.delenv("YINSE_DEBUG", raising=False)
    assert run(["fail"], group_raising(error)) == error.exit_code
    captured = capsys.readouterr()
    assert captured.err == "Too bad.\n"
    assert captured.out == ""


def test_an_unforeseen_error_names_itself_and_the_way_to_its_traceback(capsys, monkeypatch):
    monkeypatch.delenv("YINSE_DEBUG", raising=False)
    assert run(["fail"], group_raising(ZeroDivisionError("division by zero\nsecond line"))) == DEFECT
    message = capsys.readouterr().err
    assert "ZeroDivisionError: division by zero" in message
    assert "YINSE_DEBUG=1" in message
    assert message.count("\n") == 1


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_a_disk_that_is_full_or_not_ours_is_no_defect(number, capsys):
    assert run(["fail"], group_raising(OSError(number, os.strerror(number), "/home/voice"))) == 6
    assert capsys.readouterr().err == f"/home/voice: {os.strerror(number)}.\n"


@pytest.mark.parametrize("error", [YinseError("Too bad."), ZeroDivisionError()])
def test_debugging_shows_the_traceback(error, monkeypatch):
    monkeypatch.setenv("YINSE_DEBUG", "1")
    with pytest.raises(type(error)):
        run(["fail"], group_raising(error))


def test_ctrl_c_exits_as_shells_expect(capsys):
    assert run(["fail"], group_raising(KeyboardInterrupt())) == INTERRUPTED == 130
    assert capsys.readouterr().err.strip() == "Interrupted."


def test_ctrl_c_at_a_prompt_is_an_interrupt_too(monkeypatch):
    def interrupt(*_: object, **__: object) -> str:
        raise KeyboardInterrupt

    @click.group()
    def group() -> None:
        pass

    group.command("ask")(lambda: click.confirm("Sure?", abort=True))
    monkeypatch.setattr("click.termui.visible_prompt_func", interrupt)
    assert run(["ask"], group) == INTERRUPTED


def test_a_declined_confirmation_is_not_an_interrupt():
    assert run(["fail"], group_raising(click.Abort())) == 1


def test_a_command_may_choose_its_exit_code():
    assert run(["fail"], group_raising(click.exceptions.Exit(9))) == 9


def test_an_unknown_command_is_a_usage_error(capsys):
    assert run(["spaek"]) == 2
    assert "spaek" in capsys.readouterr().err


def test_help_lists_every_command_even_those_that_are_missing(capsys):
    assert run(["--help"]) == 0
    listed = re.findall(r"^  (\w+)  +\S", capsys.readouterr().out.split("Commands:")[1], re.MULTILINE)
    assert listed == list(COMMANDS)


def test_only_the_invoked_command_is_imported(monkeypatch):
    module = ModuleType("somewhere")
    module.hello = click.Command("hello", callback=lambda: 5)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "somewhere", module)
    entries = {"hello": Entry("somewhere:hello", "Hello."), "gone": Entry("no.such.module:gone", "Gone.")}
    group = LazyGroup("yinse", entries=entries)
    assert run(["hello"], group) == 5
    assert run(["gone"], group) == CommandMissing.exit_code


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    (tmp_path / "needy_command.py").write_text("import no_such_package_at_all\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(CommandMissing, match="no_such_package_at_all"):
        load("needy", Entry("needy_command:needy", "Needy."))


def test_what_is_not_a_command_is_refused():
    with pytest.raises(TypeError, match="not a click command"):
        load("path", Entry("os:path", "Not a command."))
