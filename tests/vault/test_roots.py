import base64
import os
import stat
from pathlib import Path

import pytest

from yinse.contracts.errors import CorruptFile
from yinse.contracts.refusals import InsecureConfiguration, Unsealable
from yinse.vault.options import VaultOptions
from yinse.vault.roots import retire_root_keys, root_from_environment, root_from_file, rotate_root_file


def test_the_file_is_made_once_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "vault" / "root.json"
    wrapped = root_from_file(path).wrap(b"k" * 32, b"account")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert root_from_file(path).unwrap(wrapped, b"account") == b"k" * 32


def test_of_two_processes_that_start_at_once_one_makes_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "root.json"
    wrapped = root_from_file(path).wrap(b"k" * 32, b"account")
    monkeypatch.setattr(Path, "exists", lambda _: False)  # the other looked before the file was there
    assert root_from_file(path).unwrap(wrapped, b"account") == b"k" * 32
    assert [file.name for file in tmp_path.iterdir()] == ["root.json"]


def test_rotation_keeps_old_keys_until_they_are_retired(tmp_path: Path) -> None:
    path = tmp_path / "root.json"
    old = root_from_file(path).wrap(b"k" * 32, b"account")
    rotated = rotate_root_file(path)
    assert rotated.active == "2"
    assert rotated.unwrap(old, b"account") == b"k" * 32
    assert rotated.wrap(b"k" * 32, b"account").wrapper == "2"
    current = rotated.wrap(b"k" * 32, b"account")
    with pytest.raises(Unsealable):
        retire_root_keys(path).unwrap(old, b"account")
    again = rotate_root_file(path)
    assert again.active == "3"
    assert again.unwrap(current, b"account") == b"k" * 32


def test_a_key_bound_to_one_account_does_not_open_for_another(tmp_path: Path) -> None:
    root = root_from_file(tmp_path / "root.json")
    with pytest.raises(Unsealable):
        root.unwrap(root.wrap(b"k" * 32, b"account a"), b"account b")


@pytest.mark.parametrize("body", ["", "{}", '{"active":"1","keys":{"1":"eA=="}}', '{"active":"1","keys":[]}'])
def test_a_damaged_file_is_named_and_kept(tmp_path: Path, body: str) -> None:
    path = tmp_path / "root.json"
    path.write_text(body)
    with pytest.raises(CorruptFile, match="root key file"):
        root_from_file(path)
    assert path.read_text() == body


def test_the_environment_gives_one_key() -> None:
    root = root_from_environment(base64.b64encode(bytes(32)).decode())
    assert root.unwrap(root.wrap(b"k" * 32, b"c"), b"c") == b"k" * 32


@pytest.mark.parametrize("value", ["", "not base64!", "密钥", base64.b64encode(b"short").decode()])
def test_a_weak_key_in_the_environment_is_refused(value: str) -> None:
    with pytest.raises(InsecureConfiguration):
        root_from_environment(value)


def test_options_choose_the_source(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(32)).decode()
    assert VaultOptions().provider(tmp_path).active == "1"
    options = VaultOptions(source="environment", root_key=key)  # type: ignore[arg-type]
    assert options.provider(tmp_path).active == "environment"
    assert key not in repr(options)


def test_a_rotation_reaches_a_process_that_runs(tmp_path: Path) -> None:
    running = root_from_file(tmp_path / "root.json")
    old = running.wrap(b"k" * 32, b"account")
    written = (tmp_path / "root.json").stat()
    rotate_root_file(tmp_path / "root.json")
    os.utime(
        tmp_path / "root.json", ns=(written.st_atime_ns, written.st_mtime_ns)
    )  # within one tick of the clock
    fresh = running.wrap(b"k" * 32, b"account")
    assert fresh.wrapper == running.active == "2"
    assert running.unwrap(old, b"account") == running.unwrap(fresh, b"account") == b"k" * 32
    retire_root_keys(tmp_path / "root.json")
    with pytest.raises(Unsealable):
        running.unwrap(old, b"account")
