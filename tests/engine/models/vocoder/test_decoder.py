"""Either decoder behind one interface."""

import pytest
import torch

from yinse.engine.models.vocoder.factory import build
from yinse.engine.models.vocoder.hifigan.config import HifiganConfig
from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig

CONFIGS = [
    HifiganConfig(4, channels=8, rates=(2, 3), kernels=(4, 7), block_kernels=(3,), dilations=(1, 2)),
    IstftDecoderConfig(4, channels=8, hidden=8, depth=1, kernel=3, n_fft=24, hop=6),
]


@pytest.mark.parametrize("config", CONFIGS, ids=["hifigan", "istft"])
def test_latents_become_hop_samples_each_in_pieces_as_in_one(shake, feed, config):
    decoder = shake(build(config))
    latent = torch.randn(2, 4, 25)
    whole = decoder(latent)
    assert whole.shape == (2, 25 * 6)
    streamed = feed(lambda x, state, last: decoder.stream(x, state, last=last), latent)
    torch.testing.assert_close(streamed, whole, atol=1e-5, rtol=1e-4)
