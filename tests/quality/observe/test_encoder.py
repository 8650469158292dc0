"""The engine's encoder tells people apart, with the weights that ship."""

import numpy as np
import pytest

from yinse.contracts.quality import Status
from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import default_weights, load_base
from yinse.quality.examine import LiveExaminer, examine
from yinse.quality.observe.encoder import DIFFERENT_BELOW, encoder_ruler

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def ruler():
    if not (default_weights() / "manifest.json").exists():
        pytest.skip("the base voice's weights are not here")
    return encoder_ruler(load_base())


def status(waveform, ruler) -> Status:
    return next(one.status for one in examine(waveform, ruler).checks if one.id == "other_speaker")


def test_two_strangers_are_told_apart_and_one_is_left_alone(voice, ruler):
    first, second = (
        voice("librispeech_251_speakers", "libri_1594", 6.0),
        voice("aishell_sample", "aishell_S0150", 12.0),
    )
    both = Waveform(np.concatenate([first.samples, second.samples]), first.rate)
    assert status(first, ruler) is Status.PASS
    assert status(second, ruler) is Status.PASS
    assert status(both, ruler) is Status.FAIL


def test_a_second_person_is_noticed_while_they_speak(voice, ruler):
    """Without a false alarm before; a report every half second, as the live coach gives them."""
    first = voice("aishell_sample", "aishell_S0150", 18.0).samples
    second = voice("librispeech_251_speakers", "libri_1594", 6.0).samples
    live, noticed = LiveExaminer(48_000, ruler.different_below), []
    both = np.concatenate([first, second])
    for start in range(0, len(both), 24_000):
        live.push(both[start : start + 24_000])
        for stretch in live.stretches():
            live.tell(stretch.span, ruler.embed(stretch.speech))
        check = next(one for one in live.report().checks if one.id == "other_speaker")
        if check.advice is not None:
            noticed.append(live.seconds)
    assert 18.0 < noticed[0] < 22.0
    assert noticed == [noticed[0] + 0.5 * number for number in range(len(noticed))]


def test_the_bound_is_a_cosine(ruler):
    assert ruler.different_below == DIFFERENT_BELOW
    assert len(ruler.embed(Waveform(np.zeros(24_000, np.float32), 16_000))) > 8
