"""One configuration, all parts: the reference sizes and the decoders that fit."""

from dataclasses import replace

import pytest
import torch

from yinse.engine.models.acoustic.codec import config as posterior
from yinse.engine.models.acoustic.sovits.config import base, reference
from yinse.engine.models.acoustic.sovits.factory import (
    build_decoder,
    build_posterior,
    build_priors,
    decoder_config,
    posterior_config,
)
from yinse.engine.models.vocoder.decoder import HifiganDecoder
from yinse.engine.models.vocoder.hifigan import config as hifigan
from yinse.engine.models.vocoder.istft import config as istft


def test_the_reference_has_the_sizes_the_project_set_out_with():
    config = reference(100)
    assert config.spec_channels == 100
    assert config.segment_size == 32
    assert (config.inter_channels, config.hidden_channels) == (192, 192)
    assert config.upsample_rates == (8, 8, 2, 2)
    assert config.hop == 256
    assert config.resblock_kernels == (3, 7)
    assert config.dropout == config.diffusion.dropout == 0.1
    assert config.flow.steps == 4
    assert config.use_diffusion
    diffusion = config.diffusion
    assert (diffusion.channels, diffusion.heads, diffusion.depth, diffusion.timesteps) == (192, 8, 6, 1000)
    assert config.rate == 44100
    assert decoder_config(config) == hifigan.base()


def test_the_base_voice_has_the_parts_it_ships_with():
    assert posterior_config(base(100)) == posterior.base()
    assert decoder_config(base(100)) == istft.base()


def test_rates_must_give_the_hop():
    with pytest.raises(ValueError, match=r"give 256 samples a frame, but hop is 441"):
        decoder_config(replace(reference(100), hop=441))


def test_odd_rates_fit_too():
    config = decoder_config(replace(reference(100), hop=441, upsample_rates=(7, 7, 3, 3)))
    assert isinstance(config, hifigan.HifiganConfig)
    assert config.hop == 441


@torch.no_grad()
def test_reference_parts_fit_one_another():
    config = replace(reference(100), use_diffusion=False)
    decoder = build_decoder(config)
    assert isinstance(decoder, HifiganDecoder)
    latents = build_posterior(config)(torch.randn(1, 100, 3)).mean_BDF
    assert decoder(latents).shape == (1, 3 * 256)
    scores = build_priors(config).flow_prior.log_probability(latents, torch.randn(1, 192, 3))
    assert scores.shape == (1, 3)
