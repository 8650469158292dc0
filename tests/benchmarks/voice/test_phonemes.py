import numpy as np
import pytest
from benchmarks.voice.phonemes import transcribe

from yinse.engine.audio.waveform import Waveform
from yinse.engine.text.distance import edit_distance


def silence() -> Waveform:
    return Waveform(np.zeros(1600, np.float32), 16000)


@pytest.mark.parametrize(
    ("heard", "wanted", "errors"),
    [("abc", "abc", 0), ("", "abc", 3), ("abc", "", 3), ("axc", "abc", 1), ("kitten", "sitting", 3)],
)
def test_levenshtein(heard, wanted, errors):
    assert edit_distance(heard, wanted) == errors


def test_tone_errors_are_forgiven_only_where_said():
    said = ["zh/n", "zh/i3", "zh/h", "zh/ao3"]
    heard = ["zh/n", "zh/i2", "<sp>", "zh/h", "zh/ao3", "."]
    result = transcribe([silence()], ["你好"], "zh", lambda _: heard, lambda text, language: [*said, "."])
    assert result.error_rate.value == 0.25
    assert result.toneless_error_rate.value == 0.0


def test_the_floor_holds_each_waveform_against_its_neighbour():
    texts = ["ab", "cd", "ef"]
    waveforms = [silence() for _ in texts]
    answers = iter(texts)
    result = transcribe(
        waveforms,
        texts,
        "en",
        lambda _: [f"en/{c}" for c in next(answers)],
        lambda t, _: [f"en/{c}" for c in t],
    )
    assert result.error_rate.value == 0.0
    assert result.floor.value == 1.0


def test_a_text_without_phonemes_is_refused():
    with pytest.raises(ValueError, match="must hold phonemes"):
        transcribe([silence()], ["..."], "en", lambda _: [], lambda text, language: ["."])
