"""What families there are, and what of them lies on this machine."""

import pytest

from yinse.contracts.errors import CorruptFile, InvalidInput, NotFound
from yinse.engine.checkpoints.published.catalogue import FAMILIES, GROUPS, base_file, families_of
from yinse.engine.checkpoints.published.library import RECORD, Arrived, Library, sha256
from yinse.engine.checkpoints.published.version import BY_FLOW, PRO, S2_VERSIONS

VOCODER = FAMILIES["vocoder-v4"]
(FILE,) = VOCODER.files


@pytest.fixture
def shelf(tmp_path) -> Library:
    return Library(tmp_path / "weights")


def arrive(shelf: Library, data: bytes = b"vocoder") -> None:
    path = shelf.path("vocoder-v4", FILE)
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    shelf.remember("vocoder-v4", {FILE: Arrived(len(data), sha256(path))})


def test_every_version_has_base_weights_and_what_it_needs():
    assert set(FAMILIES) >= S2_VERSIONS
    for version in S2_VERSIONS:
        s1, s2 = FAMILIES[version].files
        assert s1.endswith(".ckpt")
        assert base_file(version) == s2
    assert all(FAMILIES[version].needs == ("eres2netv2",) for version in PRO)
    assert [len(FAMILIES[FAMILIES[version].needs[0]].files) for version in BY_FLOW] == [1, 1]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("v3", ["v3", "bigvgan"]),
        ("v4", ["v4", "vocoder-v4"]),
        ("v2", ["v2"]),
        ("conditioning", list(GROUPS["conditioning"])),
    ],
)
def test_a_name_brings_what_it_needs(name, found):
    assert [family.name for family in families_of(name)] == found


def test_unknown_names_name_the_known():
    with pytest.raises(InvalidInput, match="there are: conditioning, hubert"):
        families_of("v5")


def test_what_is_missing_is_named_with_its_use(shelf):
    assert shelf.missing(VOCODER) == [FILE]
    with pytest.raises(
        NotFound, match=r"'vocoder.pth' \(vocoder of v4\) is missing. .*weights pull vocoder-v4"
    ):
        shelf.require("vocoder-v4", FILE)
    arrive(shelf)
    assert shelf.missing(VOCODER) == []
    assert shelf.require("vocoder-v4", FILE).read_bytes() == b"vocoder"


def test_changed_and_lost_files_are_found(shelf):
    arrive(shelf)
    assert shelf.verify("vocoder-v4") == []
    shelf.path("vocoder-v4", FILE).write_bytes(b"vocodes")
    assert shelf.verify("vocoder-v4") == [FILE]
    shelf.path("vocoder-v4", FILE).unlink()
    assert shelf.verify("vocoder-v4") == [FILE]


def test_records_grow_file_by_file(shelf):
    shelf.remember("hubert", {"a": Arrived(1, "x")})
    shelf.remember("hubert", {"b": Arrived(2, "y")})
    assert shelf.record("hubert") == {"a": Arrived(1, "x"), "b": Arrived(2, "y")}
    assert shelf.record("roberta") == {}


@pytest.mark.parametrize("text", ["{", "[]", '{"a": {"size": 1}}', '{"a": 3}'])
def test_damaged_records_are_an_error(shelf, text):
    (shelf.root / "hubert").mkdir(parents=True)
    (shelf.root / "hubert" / RECORD).write_text(text)
    with pytest.raises(CorruptFile, match="pull hubert again"):
        shelf.record("hubert")
