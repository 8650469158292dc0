"""Words that are known are laid over what is said, line by line; where they are not, nobody pretends."""

from collections.abc import Sequence

import numpy as np
import pytest

from yinse.engine.audio.waveform import Waveform
from yinse.engine.checkpoints.base import default_weights, load_base
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.inventory import is_spoken
from yinse.engine.text.phonemise import phonemise
from yinse.engine.voice.home import Voice
from yinse.engine.voice.prepare import Line, Prepared, Recording, prepare

pytestmark = pytest.mark.weights

FIRST = "The weather is lovely today, let us go for a walk in the park."
SECOND = "Could you tell me how to get to the station from here?"
THIRD = "Seven black horses jumped over a broken wooden fence."
GAP = 1.5


@pytest.fixture(scope="module")
def synthesizer() -> Synthesizer:
    if not (default_weights() / "manifest.json").exists():
        pytest.skip("the base voice's weights are not here")
    return Synthesizer(load_base(default_weights()), TextFrontend())


@pytest.fixture(scope="module")
def said(synthesizer: Synthesizer) -> tuple[Waveform, float]:
    """The first two sentences with a pause between them, and the second at which the second one begins."""
    voice, options = Voice.load("kathleen"), SpeechOptions(seed=1)
    one, two = (synthesizer.speak(text, voice, options).audio for text in (FIRST, SECOND))
    gap = np.zeros(round(GAP * one.rate), np.float32)
    return Waveform(np.concatenate([one.samples, gap, two.samples]), one.rate), one.seconds + GAP


def prepared(synthesizer: Synthesizer, waveform: Waveform, lines: Sequence[Line]) -> Prepared:
    return prepare(synthesizer.models, Recording(waveform, lines, snr_db=40.0), voice_band=lambda *_: 22050.0)


def line(text: str, start: float = 0.0, end: float = np.inf) -> Line:
    return Line(phonemise(text, "en"), start, end)


def sounds(text: str) -> list[str]:
    return [symbol for symbol in phonemise(text, "en") if is_spoken(symbol)]


def test_every_slice_gets_its_own_words(synthesizer: Synthesizer, said: tuple[Waveform, float]) -> None:
    waveform, turned = said
    found = prepared(synthesizer, waveform, [line(FIRST, 0, turned), line(SECOND, turned)])
    assert found.words_known
    assert [s for one in found.slices for s in one.symbols or []] == [*sounds(FIRST), *sounds(SECOND)]


def test_who_turns_the_page_a_little_early_or_late_is_understood(
    synthesizer: Synthesizer, said: tuple[Waveform, float]
) -> None:
    waveform, turned = said
    for shift in (-0.8, 0.8):
        found = prepared(
            synthesizer, waveform, [line(FIRST, 0, turned + shift), line(SECOND, turned + shift)]
        )
        assert [s for one in found.slices for s in one.symbols or []] == [*sounds(FIRST), *sounds(SECOND)]


def test_a_line_that_was_not_read_spoils_no_other(
    synthesizer: Synthesizer, said: tuple[Waveform, float]
) -> None:
    waveform, turned = said
    found = prepared(synthesizer, waveform, [line(FIRST, 0, turned), line(THIRD, turned)])
    told = [s for one in found.slices for s in one.symbols or []]
    assert (
        told[:-1] == sounds(FIRST)[: len(told) - 1]
    )  # the last sound may be sought in the leeway behind the line
    assert len(sounds(FIRST)) - len(told) in (0, 1)


def test_speech_that_nobody_told_of_stays_unknown(
    synthesizer: Synthesizer, said: tuple[Waveform, float]
) -> None:
    waveform, turned = said
    found = prepared(synthesizer, waveform, [line(SECOND, turned)])
    assert [s for one in found.slices for s in one.symbols or []] == sounds(SECOND)
    nothing = prepared(synthesizer, waveform, [])
    assert not nothing.words_known
    assert all(one.symbols is None for one in nothing.slices)


def test_seconds_beyond_the_recording_are_no_reason_to_fail(
    synthesizer: Synthesizer, said: tuple[Waveform, float]
) -> None:
    found = prepared(synthesizer, said[0], [line(FIRST, 900.0, 1000.0), Line([]), line(SECOND, 2.0, 1.0)])
    assert all(one.waveform.seconds > 0 for one in found.slices)


@pytest.mark.parametrize(("cleaned_hz", "reason"), [(7600.0, "helped"), (7400.0, "band_lost")])
def test_noise_is_removed_unless_the_voice_loses_its_top(
    synthesizer: Synthesizer, said: tuple[Waveform, float], cleaned_hz: float, reason: str
) -> None:
    found = prepare(
        synthesizer.models,
        Recording(said[0], (), snr_db=18.0),
        voice_band=lambda heard, _spans: 8000.0 if heard is said[0] else cleaned_hz,
    )
    assert (found.reason, found.denoised) == (reason, reason == "helped")
