"""Features of the published models against their fixtures."""

import pytest

from published_parity import close, load
from yinse.engine.audio import features

pytestmark = pytest.mark.parity


@pytest.fixture(scope="module")
def fixture():
    return load("features")


def test_linear_spectrogram(fixture):
    close(features.spectrogram(fixture["w32"]), fixture["spec32"])


def test_training_mel(fixture):
    close(features.log_bands(fixture["spec32"], features.SPECTRUM), fixture["mel128_from_spec32"])


@pytest.mark.parametrize(
    ("config", "wave", "expected"),
    [(features.PROMPT_24K, "w24", "mel_v3"), (features.PROMPT_32K, "w32", "mel_v4")],
)
def test_mel_prompts(fixture, config, wave, expected):
    close(features.log_mel(fixture[wave], config), fixture[expected])


def test_filter_bank(fixture):
    close(features.filter_bank(fixture["w16"])[0], fixture["fbank80"])
