import json

import pytest

from yinse.contracts.errors import InvalidInput
from yinse.provenance.label import Label, read_label


def riff(chunks: bytes) -> bytes:
    return b"RIFF\xff\xff\xff\xffWAVE" + chunks + b"data\0\0\0\0"


def wrapped(value: str) -> bytes:
    body = value.encode()
    return riff(b"AIGC" + len(body).to_bytes(4, "little") + body + bytes(len(body) % 2))


def test_the_members_are_those_of_the_standard():
    members = json.loads(Label("yinse", "gen_1").as_json())
    assert members == {
        "Label": "1",
        "ContentProducer": "yinse",
        "ProduceID": "gen_1",
        "ReservedCode1": "",
        "ContentPropagator": "",
        "PropagateID": "",
        "ReservedCode2": "",
    }


@pytest.mark.parametrize("value", ["", "two words", 'quo"te', "back\\slash", "音色", "x" * 129])
def test_what_the_standard_does_not_allow_is_refused(value):
    with pytest.raises(InvalidInput):
        Label(value, "gen_1")


def test_a_label_of_odd_length_keeps_the_chunks_aligned():
    for number in ("gen_1", "gen_12"):
        assert len(Label("yinse", number).riff()) % 2 == 0
        assert read_label(riff(Label("yinse", number).riff())) == Label("yinse", number)


def test_both_forms_in_use_are_read():
    bare = Label("maker", "1").as_json()
    assert read_label(wrapped(bare)) == read_label(wrapped(f'{{"AIGC":{bare}}}')) == Label("maker", "1")


@pytest.mark.parametrize(
    "value", ["", "nonsense", "[]", "1", "{}", '{"Label":"2","ContentProducer":"a","ProduceID":"b"}']
)
def test_what_is_no_label_is_none(value):
    assert read_label(wrapped(value)) is None


@pytest.mark.parametrize(
    "audio", [b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\xff", b"#EXTM3U\nfile:///etc/passwd\n"]
)
def test_broken_and_hostile_files_hold_no_label(audio):
    assert read_label(audio) is None
