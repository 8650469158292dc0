"""Building a store: splits, trimming, bad files, and going on after an interruption."""

import io
import json

import numpy as np
import pytest
import soundfile

from tiny_corpus import EDGE_SECONDS, STRANGERS, VOWEL_SECONDS, sayings, write_source
from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus import build as building
from yinse.corpus.build import Analysed, analyse, analyse_samples, build, heldout_speakers, split_of, trim
from yinse.corpus.store import CorpusStore


def wav(samples, rate=16000):
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format="WAV", subtype="FLOAT")
    return buffer.getvalue()


def buzz(seconds, rate=16000):
    return np.sin(2 * np.pi * 300 * np.arange(round(seconds * rate)) / rate).astype(np.float32)


def test_a_store_holds_what_was_recorded(tiny_store):
    store = CorpusStore(tiny_store)
    assert [entry.id for entry in store.entries] == [one.id for one in sayings()]
    for entry, said in zip(store.entries, sayings(), strict=True):
        audio = store.audio(entry)
        spoken = len(said.vowels) * VOWEL_SECONDS
        assert spoken < entry.seconds < spoken + 2 * EDGE_SECONDS + 0.02
        assert float(audio.abs().max()) == pytest.approx(0.7, abs=0.05)
        assert store.mel(entry).shape == (entry.frames, 80)
        assert abs(entry.frames - 100 * entry.seconds) < 2
        assert entry.rate == said.rate


def test_audio_is_read_in_pieces_as_in_one(tiny_store):
    store = CorpusStore(tiny_store)
    entry = store.entries[3]
    whole = store.audio(entry)
    assert (store.audio(entry, 1000, 500) == whole[1000:1500]).all()
    assert len(store.audio(entry, entry.samples - 10, 500)) == 10, "never into the next utterance"


def test_pitch_follows_the_speaker(tiny_store):
    store = CorpusStore(tiny_store)
    track = store.pitch_frames()
    for speaker, hertz in (("bob", 110), ("ann", 210)):
        entry = next(e for e in store.entries if e.speaker == speaker)
        piece = np.asarray(track[entry.frame : entry.frame + entry.frames], np.float32)
        octaves = np.log2(piece[piece > 0] / hertz)  # a buzz leaves the octave open, but nothing else
        assert np.median(np.abs(octaves - octaves.round())) < 0.05


def test_strangers_are_never_trained_on(tiny_store):
    by_split = {split: set() for split in ("train", "valid", "unseen")}
    for entry in CorpusStore(tiny_store).entries:
        by_split[entry.split].add(entry.speaker)
    assert by_split["unseen"] == set(STRANGERS)
    assert by_split["train"] == by_split["valid"] == {"ann", "bob", "cyd"}


@pytest.mark.parametrize(
    ("name", "speaker", "split"),
    [
        ("a-00049", "x", "valid"),
        ("a-00050", "x", "train"),
        ("a-00049", STRANGERS[0], "unseen"),
        ("no number", "x", "train"),
        ("word-nine", "x", "train"),
    ],
)
def test_splits(name, speaker, split):
    assert split_of(name, speaker, heldout_speakers()) == split


def test_ids_without_numbers_are_split_by_their_digest():
    splits = [split_of(f"recording {n} of x", "x", frozenset()) for n in range(2000)]
    assert set(splits) == {"train", "valid"}
    assert 20 < splits.count("valid") < 60


def test_edges_are_trimmed_to_a_margin():
    samples = np.concatenate([np.zeros(16000), buzz(1.0), np.zeros(8000)]).astype(np.float32)
    assert len(trim(samples, 16000)) == pytest.approx(16000 * 1.24, abs=400)
    assert len(trim(np.zeros(10, np.float32), 16000)) == 10


@pytest.mark.parametrize(
    ("encoded", "reason"),
    [
        (b"", "cannot|can be decoded"),
        (b"ID3 not really", "can be decoded"),
        (wav(np.zeros(16000)), "silent"),
        (wav(np.zeros(0)), "shorter than"),
        (wav(buzz(0.1)), "shorter than"),
        (wav(np.full(16000, np.nan)), "not numbers"),
        (wav(buzz(1.0, 4000), 4000), "4000 Hz is too low"),
    ],
    ids=["nothing", "no audio", "silence", "no samples", "a blink", "no numbers", "slow"],
)
def test_useless_files_say_why(encoded, reason):
    result = analyse(encoded)
    assert isinstance(result, str)
    assert any(part in result for part in reason.split("|"))


def test_stereo_is_mixed_down():
    both = np.stack([buzz(0.5), buzz(0.5)], 1)
    result = analyse(wav(both))
    alone = analyse_samples(buzz(0.5), 16000)
    assert isinstance(result, Analysed)
    assert isinstance(alone, Analysed)
    assert np.array_equal(result.audio, alone.audio)


def test_bad_files_are_reported_and_the_rest_is_built(tmp_path, caplog):
    bad = {"tiny-00001": b"no audio", "tiny-00050": wav(np.zeros(16000))}
    source = write_source(tmp_path / "source", bad)
    assert build(source, tmp_path / "store", processes=1) == len(sayings()) - 2
    rows = [json.loads(line) for line in (tmp_path / "store" / "left_out.jsonl").read_text().splitlines()]
    assert [(row["id"], row["shard"]) for row in rows] == [("tiny-00001", "zh.tar"), ("tiny-00050", "en.tar")]
    assert rows[1]["reason"] == "silent"
    assert "2 recordings are left out" in caplog.text
    assert not {e.id for e in CorpusStore(tmp_path / "store").entries} & set(bad)


def test_mended_files_join_the_store(tmp_path):
    target = tmp_path / "store"
    build(write_source(tmp_path / "source", {"tiny-00001": b"no audio"}), target, processes=1)
    before = [entry.id for entry in CorpusStore(target).entries]
    (target / "pitch.f16").write_bytes(b"computed before")
    assert build(write_source(tmp_path / "source"), target, processes=1) == len(sayings())
    store = CorpusStore(target)
    assert [entry.id for entry in store.entries] == [*before, "tiny-00001"]
    assert not (target / "pitch.f16").exists(), "what was computed for other utterances is void"
    assert (target / "left_out.jsonl").read_text() == ""


def test_only_bad_files_are_an_error(tmp_path):
    source = write_source(tmp_path / "source", {one.id: b"x" for one in sayings()})
    with pytest.raises(InvalidInput, match="no recording"):
        build(source, tmp_path / "store", processes=1)


def test_an_interrupted_build_goes_on_and_ends_the_same(source, tiny_store, tmp_path, monkeypatch):
    target = tmp_path / "store"
    calls = []

    def interrupted(encoded):
        calls.append(encoded)
        if len(calls) == 8:
            raise KeyboardInterrupt
        return analyse(encoded)

    monkeypatch.setattr(building, "BATCH", 3)
    monkeypatch.setattr(building, "analyse", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(source, target, processes=1)
    with pytest.raises(NotFound, match="not finished"):
        CorpusStore(target)
    monkeypatch.setattr(building, "analyse", analyse)
    assert build(source, target, processes=1) == len(sayings())
    for name in ("manifest.jsonl", "audio.i16", "mel.f16"):
        assert (target / name).read_bytes() == (tiny_store / name).read_bytes()


def test_a_finished_store_is_not_built_again(source, tmp_path, monkeypatch):
    target = tmp_path / "store"
    build(source, target, processes=1)
    (target / "pitch.f16").write_bytes(b"kept")
    monkeypatch.setattr(building, "analyse", lambda encoded: pytest.fail("decoded again"))
    assert build(source, target, processes=1) == len(sayings())
    assert (target / "pitch.f16").read_bytes() == b"kept"


def test_processes_change_nothing(source, tiny_store, tmp_path):
    build(source, tmp_path / "store", processes=2)
    for name in ("manifest.jsonl", "audio.i16", "mel.f16"):
        assert (tmp_path / "store" / name).read_bytes() == (tiny_store / name).read_bytes()
