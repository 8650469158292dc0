"""Tokens to samples: however tokens arrive, the samples are the same."""

import numpy as np
import pytest
import torch

from yinse.engine.models.acoustic.sovits.diffusion import DiffusionPrior
from yinse.engine.synthesis.acoustic import DIFFUSED_FROM, PREFIX_FRAMES, AcousticStream
from yinse.engine.synthesis.options import SpeechOptions


@pytest.fixture
def speak(tiny_models, prompt):
    """Speak 40 tokens of a made-up voice, so many at a time."""
    random = np.random.default_rng(3)
    tokens, symbols = random.integers(0, 1000, 40).tolist(), np.sort(random.integers(1, 50, 40)).tolist()
    parts = prompt.speaker_E, prompt.tokens_S.astype(np.int64), prompt.symbols_S.astype(np.int64)
    voice = tiny_models.acoustic.condition.remember(
        *(torch.from_numpy(part)[None] for part in parts),
        torch.from_numpy(prompt.latents_FD.astype(np.float32)).T[None],
    )

    def speak(at_once, **options):
        generator = torch.Generator().manual_seed(options.pop("seed", 5))
        stream = AcousticStream(tiny_models, voice, SpeechOptions(**options), generator)
        starts = range(0, 40 - at_once, at_once)
        pieces = [stream.push(tokens[i : i + at_once], symbols[i : i + at_once]) for i in starts]
        last = len(starts) * at_once
        return np.concatenate([*pieces, stream.finish(tokens[last:], symbols[last:])])

    return speak


@pytest.mark.parametrize("diffusion", [False, True])
@pytest.mark.parametrize("speed", [1.0, 1.3])
def test_samples_depend_on_the_tokens_and_not_on_when_they_arrive(speak, diffusion, speed):
    whole = speak(40, diffusion=diffusion, speed=speed)
    for at_once in (1, 7):
        np.testing.assert_allclose(speak(at_once, diffusion=diffusion, speed=speed), whole, atol=2e-4)
    assert np.abs(speak(40, diffusion=diffusion, speed=speed, seed=6) - whole).max() > 0.01


def test_the_diffusion_prior_goes_on_with_what_the_flow_drew(speak, monkeypatch):
    """One that leaves the draft as it is gives what the flow gives; cold, so that neither draws anything."""
    asked = []

    def leave(self, noise_BDF, condition_BHF, prefix_BDF, *, steps, draft_BDF, begin):
        asked.append((steps, begin, bool(noise_BDF.any())))
        return draft_BDF

    monkeypatch.setattr(DiffusionPrior, "sample", leave)
    left = speak(40, diffusion=True, diffusion_steps=3, flow_temperature=0.0)
    np.testing.assert_allclose(left, speak(40, diffusion=False, flow_temperature=0.0), atol=1e-6)
    assert set(asked) == {(3, DIFFUSED_FROM, False)}


def test_a_piece_of_the_diffusion_prior_continues_the_one_before(speak, monkeypatch):
    sampled, known = [], []
    sample = DiffusionPrior.sample

    def watched(self, noise_BDF, condition_BHF, prefix_BDF, **rest):
        known.append(prefix_BDF)
        sampled.append(sample(self, noise_BDF, condition_BHF, prefix_BDF, **rest))
        return sampled[-1]

    monkeypatch.setattr(DiffusionPrior, "sample", watched)
    speak(40, diffusion=True)
    assert known[0] is None
    assert len(sampled) > 2
    for before, prefix in zip(sampled, known[1:], strict=False):
        length = min(PREFIX_FRAMES, before.shape[2])
        assert torch.equal(prefix, before[:, :, -length:])


def test_the_diffusion_prior_draws_as_freely_as_it_is_told(speak):
    drawn, refined = speak(40, diffusion=False), speak(40, diffusion=True)
    assert drawn.shape == refined.shape
    assert np.abs(drawn - refined).max() > 0.01
    colder = speak(40, diffusion=True, flow_temperature=0.1)
    assert np.abs(colder - refined).max() > 0.01
