import json
import socket

import pytest
from click.testing import CliRunner

from yinse.cli.accounts import accounts
from yinse.cli.audit import audit
from yinse.cli.backup import backup
from yinse.cli.keys import keys
from yinse.cli.serve import serve
from yinse.contracts.errors import AlreadyExists, InvalidInput, NotFound
from yinse.contracts.refusals import Conflict


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_HOME", str(tmp_path / "home"))

    def invoke(command, *arguments, **kwargs):
        return CliRunner().invoke(command, arguments, catch_exceptions=False, **kwargs)

    return invoke


def test_an_account_a_key_and_an_intact_chain(run):
    account = run(accounts, "create", "--name", "Ann", "--email", "A@x.org", "--password", "long enough pw")
    assert account.output.startswith("acct_")
    assert "a@x.org" in run(accounts, "list").output
    key = run(keys, "create", "--account", "a@x.org", "--scopes", "speech,voices:read")
    assert key.output.startswith("yk_")
    verified = run(audit, "verify")
    assert "Intact: 2 events" in verified.output
    head = verified.output.rsplit("Head: ", 1)[1].strip()
    assert run(audit, "verify", "--head", head).exit_code == 0
    assert run(audit, "verify", "--head", "2:" + "0" * 64).exit_code == 1


def test_events_are_listed_by_whom_they_are_of_and_what_was_done(run):
    ids = [run(accounts, "create", "--name", name).output.strip() for name in ("Ann", "Bob")]
    run(accounts, "create", "--name", "Olga", "--role", "operator")
    for account in ids:
        run(keys, "create", "--account", account, "--scopes", "speech,history")

    def listed(*options):
        return [json.loads(line) for line in run(audit, "list", *options).output.splitlines()]

    everything = listed()
    assert [event["number"] for event in everything] == [1, 2, 3, 4, 5]
    assert {event["actor"] for event in everything} == {"command line"}
    assert [event["details"] for event in everything[2:4]] == [
        {"role": "operator"},
        {"scopes": ["history", "speech"]},
    ]
    assert listed("--account", ids[0]) == [everything[0], everything[3]]
    assert listed("--action", "key.created", "--after", "4") == everything[4:]
    assert listed("--actor", "somebody") == []


def test_what_is_wrong_is_said(run):
    with pytest.raises(NotFound):
        run(keys, "create", "--account", "nobody")
    assert run(keys, "create", "--account", "x", "--scopes", "everything").exit_code == 2
    run(accounts, "create", "--name", "Ann", "--email", "a@x.org", "--password", "long enough pw")
    with pytest.raises(AlreadyExists):
        run(accounts, "create", "--name", "Eve", "--email", "a@x.org", "--password", "long enough pw")


def test_backups_and_the_ledger_are_files(run, tmp_path):
    run(accounts, "create", "--name", "Ann")
    assert run(backup, "create", str(tmp_path / "b")).exit_code == 0
    assert (tmp_path / "b" / "data.tar").exists()
    assert "Wrote 0 deletions" in run(backup, "ledger", str(tmp_path / "ledger.json")).stderr
    assert json.loads((tmp_path / "ledger.json").read_text()) == []
    assert json.loads(run(backup, "ledger", "-").stdout) == []
    assert "Destroyed 0 voices" in run(backup, "delete-again", "-", input="[]").output
    restored = json.loads(run(audit, "list", "--action", "house.restored").output)
    assert (restored["actor"], restored["details"]) == ("restore", {"ledger": 0})


def test_a_restore_says_what_becomes_of_deleted_voices(run, tmp_path, monkeypatch):
    run(accounts, "create", "--name", "Ann")
    folder, ledger = str(tmp_path / "b"), str(tmp_path / "ledger.json")
    run(backup, "create", folder)
    run(backup, "ledger", ledger)
    root = (tmp_path / "home" / "vault" / "root.json").read_text()
    monkeypatch.setenv("YINSE_HOME", str(tmp_path / "new"))
    (tmp_path / "new" / "vault").mkdir(parents=True)
    (tmp_path / "new" / "vault" / "root.json").write_text(root)
    for options in ([], ["--ledger", ledger, "--without-ledger"]):
        assert "--ledger" in run(backup, "restore", folder, *options).stderr
    assert "Restored 0 voices" in run(backup, "restore", folder, "--ledger", ledger).output
    assert "Ann" in run(accounts, "list").output


def test_a_root_key_of_the_environment_is_not_said_to_be_rotated(run, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_VAULT__SOURCE", "environment")
    monkeypatch.setenv("YINSE_VAULT__ROOT_KEY", "A" * 43 + "=")
    with pytest.raises(Conflict, match="environment"):
        run(keys, "rotate-root", "--retire")
    assert not list(tmp_path.rglob("root.json"))


def test_keys_are_not_destroyed_unseen(run):
    for options in ([], ["--retire"]):
        assert run(keys, "rotate-root", *options).exit_code == 0
    events = [json.loads(line) for line in run(audit, "list").output.splitlines()]
    assert [(event["action"], event["subject"]) for event in events] == [
        ("root.rotated", "2"),
        ("root.rotated", "3"),
        ("root.retired", "3"),
    ]


def test_the_openapi_document_is_exported(run):
    document = json.loads(run(serve, "--openapi", "-").output)
    assert document["info"]["title"] == "Yinse"


def test_an_address_that_cannot_be_had_is_said_before_anything_starts(run):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        with pytest.raises(InvalidInput, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"):
            run(serve, "--port", port)
    with pytest.raises(InvalidInput, match=r"cannot listen on 192\.0\.2\.1:8700"):
        run(serve, "--host", "192.0.2.1")


def test_a_service_that_neither_answers_nor_works_is_no_service(run):
    assert "nothing to do" in run(serve, "--no-worker", "--only-worker").stderr


def test_an_accounts_key_is_rotated_by_its_address(run):
    run(accounts, "create", "--name", "Ann", "--email", "a@x.org", "--password", "long enough pw")
    rotated = run(keys, "rotate-account", "--account", "a@x.org")
    assert "Rewrapped 0 voices; sealed 0 texts" in rotated.output
    assert "Intact: 2 events" in run(audit, "verify").output
    with pytest.raises(NotFound):
        run(keys, "rotate-account", "--account", "nobody")
