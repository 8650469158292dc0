"""Manifests: what is wrong is said before any work begins; what cannot be read is named."""

import json

import pytest

from tiny_corpus import sayings
from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus.source import LeftOut, read_files, read_source


def rewrite(source, change):
    manifest = source / "manifest.jsonl"
    rows = [json.loads(line) for line in manifest.read_text("utf-8").splitlines()]
    manifest.write_text("".join(json.dumps(row) + "\n" for row in change(rows)), "utf-8")


def test_every_row_is_read_with_its_file(source):
    rows = read_source(source)
    assert [row.id for row in rows] == [one.id for one in sayings()]
    files = {row.id: data for row, data in read_files(source, rows)}
    assert all(isinstance(data, bytes) and data.startswith(b"RIFF") for data in files.values())
    assert files["tiny-00001"] == next(one for one in sayings() if one.id == "tiny-00001").wav()


def test_no_manifest_says_what_is_needed(tmp_path):
    with pytest.raises(NotFound, match=r"manifest\.jsonl and its tars"):
        read_source(tmp_path)


def test_mistakes_name_their_lines(source):
    lines = (source / "manifest.jsonl").read_text("utf-8").splitlines()
    lines[1] = "{not json"
    lines[2] = json.dumps({"id": "x", "file": "x.wav", "text": None, "lang": "en"})
    lines[4] = lines[4].replace('"zh"', '"fr"')
    (source / "manifest.jsonl").write_text("\n".join(lines), "utf-8")
    with pytest.raises(InvalidInput, match="line 2: ") as caught:
        read_source(source)
    assert "line 3: shard, speaker, sample_rate missing" in str(caught.value)
    assert "line 5: language 'fr' is not one of zh, en, ja" in str(caught.value)


def test_many_mistakes_are_counted(source):
    (source / "manifest.jsonl").write_text("[]\n" * 9, "utf-8")
    with pytest.raises(InvalidInput, match=r"line 5: not an object .* and 4 more$"):
        read_source(source)


def test_an_id_may_stand_once_only(source):
    rewrite(source, lambda rows: [*rows, rows[3]])
    with pytest.raises(InvalidInput, match="tiny-00003 stands 2 times"):
        read_source(source)


def test_absent_tars_are_named_at_once(source):
    (source / "en.tar").unlink()
    with pytest.raises(NotFound, match=r"lacks en\.tar"):
        read_source(source)


def test_files_that_cannot_be_read_are_left_out_and_the_rest_is_not(source):
    rewrite(source, lambda rows: [{**rows[0], "file": "nowhere.wav"}, *rows[1:]])
    (source / "en.tar").write_bytes(b"no tar at all" * 100)
    found = {row.id: data for row, data in read_files(source, read_source(source))}
    assert found["tiny-00000"] == LeftOut(
        "tiny-00000", "nowhere.wav", "zh.tar", "the archive does not hold it"
    )
    assert isinstance(found["tiny-00001"], bytes)
    damaged = [one for one in found.values() if isinstance(one, LeftOut) and one.shard == "en.tar"]
    assert len(damaged) == sum(one.lang == "en" for one in sayings())
    assert all("cannot be opened" in one.reason for one in damaged)


def test_a_tar_that_breaks_off_loses_only_its_end(source):
    whole = (source / "zh.tar").read_bytes()
    (source / "zh.tar").write_bytes(whole[: len(whole) // 2])
    found = [data for row, data in read_files(source, read_source(source)) if row.shard == "zh.tar"]
    kept = [isinstance(data, bytes) for data in found]
    assert kept[0]
    assert not kept[-1]
