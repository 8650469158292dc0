"""The weights that ship, whichever set that is: whole, of one piece with their voices, and heard to say their words."""

from dataclasses import replace

import numpy as np
import pytest

from yinse.engine.checkpoints.base import PARTS, default_weights, load_base
from yinse.engine.checkpoints.bundle import file_digest, read_manifest
from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.plan import plan
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.synthesis.synthesizer import Synthesizer
from yinse.engine.synthesis.verify import score_segment
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.inventory import is_spoken
from yinse.engine.voice.home import Voice, VoiceHome

pytestmark = pytest.mark.weights

SENTENCES = {
    "zh": "今天天气很好。",
    "en": "The weather is good.",
    "ja": "いい天気です。",
}
OPTIONS = SpeechOptions(seed=5, retries=0)


@pytest.fixture(scope="module")
def shipped():
    if not (default_weights() / "manifest.json").exists():
        pytest.skip("the base voice's weights are not here")
    return default_weights()


@pytest.fixture(scope="module")
def synthesizer(shipped):
    return Synthesizer(load_base(shipped), TextFrontend())


@pytest.fixture
def presets(shipped):
    return [card for card in VoiceHome().cards() if card.preset]


def test_the_set_is_whole_and_says_whose_data_it_was_trained_on(shipped):
    manifest = read_manifest(shipped)
    assert manifest.parts.keys() == PARTS.keys()
    for part in manifest.parts.values():
        assert file_digest(shipped / part.file) == part.sha256
    assert manifest.licence
    assert manifest.data
    card = (shipped / "MODEL_CARD.md").read_text("utf-8")
    assert "## What it was trained on" in card


def test_every_language_has_a_voice_of_its_own(presets):
    assert {language for card in presets for language in card.languages} == SENTENCES.keys()
    assert all(card.source for card in presets)


def spoken(phonemes):
    return [phoneme.symbol for phoneme in phonemes if is_spoken(phoneme.symbol)]


@pytest.mark.parametrize("language", SENTENCES)
def test_every_preset_speaks_every_language(language, presets, synthesizer):
    text = SENTENCES[language]
    (segment,) = plan(synthesizer.frontend.analyse(text, language))
    for card in presets:
        speech = synthesizer.speak(text, Voice.load(card.name), OPTIONS)
        samples, (said,) = speech.audio.samples, speech.report.segments
        assert np.isfinite(samples).all()
        assert np.sqrt(np.mean(samples**2)) > 0.003, card.name
        assert spoken(said.phonemes) == spoken(segment.phonemes), card.name
        assert 0.03 < speech.audio.seconds / len(segment.phonemes) < 0.4, card.name


def test_what_is_spoken_is_heard_as_its_own_words_rather_than_others(presets, synthesizer):
    ids = {
        language: next(iter(plan(synthesizer.frontend.analyse(text, language)))).ids
        for language, text in SENTENCES.items()
    }
    for card in presets:
        (language,) = card.languages
        audio = synthesizer.speak(SENTENCES[language], Voice.load(card.name), OPTIONS).audio
        scores = {other: score_segment(synthesizer.models, audio, ids[other], 1.0) for other in ids}
        heard = {other: score.value for other, score in scores.items()}
        assert max(heard, key=heard.get) == language, (card.name, heard)
        assert scores[language].accepted, (card.name, heard)
        assert not any(scores[other].accepted for other in ids if other != language), (card.name, heard)


@pytest.mark.parametrize("speed", [0.25, 1.0])
def test_words_that_were_not_said_are_missed(presets, synthesizer, speed):
    (said,) = plan(synthesizer.frontend.analyse(SENTENCES["en"], "en"))
    (more,) = plan(synthesizer.frontend.analyse(SENTENCES["en"].replace(" ", " seven ", 1), "en"))
    voice = Voice.load(next(card.name for card in presets if "en" in card.languages))
    audio = synthesizer.speak(SENTENCES["en"], voice, replace(OPTIONS, speed=speed)).audio
    right, wrong = (score_segment(synthesizer.models, audio, one.ids, speed) for one in (said, more))
    assert right.doubt < 1 < wrong.doubt
    assert right.accepted
    assert not wrong.accepted


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0])
def test_what_is_spoken_slowly_or_fast_is_not_drawn_again_for_that(presets, synthesizer, speed):
    for card in presets:
        (language,) = card.languages
        options = replace(OPTIONS, speed=speed, retries=1)
        (said,) = synthesizer.speak(SENTENCES[language], Voice.load(card.name), options).report.segments
        assert said.tries == 1, (card.name, said.score)


def test_a_preset_streams_what_it_speaks(presets, synthesizer):
    voice = Voice.load(presets[0].name)
    whole = synthesizer.speak(SENTENCES["zh"], voice, OPTIONS).audio.samples
    events = synthesizer.stream(SENTENCES["zh"], voice, OPTIONS)
    pieces = [event.samples for event in events if isinstance(event, AudioPiece)]
    assert len(pieces) > 2
    assert np.array_equal(np.concatenate(pieces), whole)
