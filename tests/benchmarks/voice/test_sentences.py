import json
import tarfile

import numpy as np
import pytest
import soundfile
from benchmarks.voice.speech import SpeechData, Utterance

from benchmarks.voice import sentences
from yinse.contracts.errors import NotFound
from yinse.corpus.build import heldout_speakers


def utterance(number: int, text: str, speaker: str = "someone", seconds: float = 3.0) -> Utterance:
    return Utterance(f"x-{number:05}", f"x/{number:05}.wav", "x.tar", text, speaker, "en", seconds)


def test_a_minute_to_enrol_and_the_last_to_test():
    stranger = sentences.divide("someone", [utterance(n, "Hello.", seconds=4.0) for n in range(30)])
    assert sum(u.seconds for u in stranger.test) == 12.0
    assert sum(u.seconds for u in stranger.enrol) == 60.0
    assert not set(stranger.enrol) & set(stranger.test)


def test_one_sentence_of_each_sound():
    rows = [utterance(0, "go home now"), utterance(1, "Go home, now!"), utterance(2, "go home again")]
    known = {"go", "home", "now", "again"}
    assert [u.id for u in sentences.distinct(rows, "en", known)] == ["x-00000", "x-00002"]
    assert sentences.distinct(rows, "en", known - {"home"}) == []


def test_shuffling_is_the_same_every_time():
    rows = [utterance(n, "Hello.") for n in range(9)]
    assert sentences.shuffled(rows) == sentences.shuffled(rows)
    assert sentences.shuffled(rows) != rows


@pytest.fixture
def folder(tmp_path):
    """Two recordings in a tar: 0.5 s at 16 kHz mono, 0.25 s at 44.1 kHz stereo."""
    rows = []
    for number, (rate, shape) in enumerate([(16000, (8000,)), (44100, (11025, 2))]):
        soundfile.write(tmp_path / f"{number}.wav", np.full(shape, 0.5, np.float32), rate)
        row = {"id": f"x-{number}", "file": f"x/{number}.wav", "shard": "x.tar", "text": "hi"}
        rows.append({**row, "speaker": "s", "lang": "en", "seconds": 0.5})
    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        for number in range(2):
            archive.add(tmp_path / f"{number}.wav", f"x/{number}.wav")
    (tmp_path / "manifest.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return tmp_path


def test_recordings_come_in_the_order_asked_for(folder):
    data = SpeechData(folder)
    first, second = data.utterances
    waveforms = data.read([second, first, second])
    assert [w.rate for w in waveforms] == [44100, 16000, 44100]
    assert waveforms[0].samples.shape == (11025,)
    assert waveforms[1].seconds == 0.5


def test_a_folder_without_manifest_is_named(tmp_path):
    with pytest.raises(NotFound, match=r"no manifest\.jsonl"):
        SpeechData(tmp_path)


@pytest.mark.speech
def test_what_is_spoken_was_not_trained_on(speech_data):
    data = SpeechData(speech_data)
    seen = sentences.training_texts(data)
    people = sentences.strangers(data)
    assert len(people) >= 10
    assert {person.name for person in people} <= heldout_speakers()
    for language in ("en", "zh"):
        assert not {sentences.plain(text) for text in sentences.written(language)} & seen
    unseen = sentences.unseen(data, "zh", frozenset(), 60)
    assert len(unseen) >= 30
    assert not {sentences.plain(u.text) for u in unseen} & seen


def test_distractors_fill_up_the_choice():
    choices = sentences.with_distractors(["今天天气很好。"], "zh", 50)
    assert choices[0] == "今天天气很好。"
    assert len(set(choices)) == 50


def test_the_recogniser_can_pronounce_the_written_sentences():
    pytest.importorskip("pocketsphinx")
    from benchmarks.voice.identification import dictionary_words
    from benchmarks.voice.pronounce import english

    words = {unit.name for text in sentences.written("en") for unit in english(text)}
    assert words <= dictionary_words()
