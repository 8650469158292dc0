"""The inverse-STFT decoder: in pieces as in one."""

import pytest
import torch

from yinse.engine.models.vocoder.istft.config import IstftDecoderConfig
from yinse.engine.models.vocoder.istft.model import IstftDecoder


def small(n_fft: int, hop: int) -> IstftDecoderConfig:
    return IstftDecoderConfig(4, channels=8, hidden=8, depth=2, kernel=3, n_fft=n_fft, hop=hop)


@pytest.mark.parametrize(("n_fft", "hop"), [(16, 4), (12, 5), (8, 8)])
def test_pieces_equal_the_whole(shake, feed, n_fft, hop):
    decoder = shake(IstftDecoder(small(n_fft, hop)))
    latent = torch.randn(2, 4, 17)
    whole = decoder(latent)
    assert whole.shape == (2, 17 * hop)
    streamed = feed(lambda x, state, last: decoder.stream(x, state, last=last), latent)
    torch.testing.assert_close(streamed, whole, atol=1e-5, rtol=1e-4)


def test_samples_depend_on_latents_within_reach_alone(shake):
    decoder = shake(IstftDecoder(small(16, 4)))
    latent = torch.randn(1, 4, 30)
    disturbed = latent.clone()
    disturbed[:, :, 20:] += 1
    same = (decoder(latent) - decoder(disturbed)).abs()[0] < 1e-7
    windows = (16 - 4) // 2
    assert same[: (20 - decoder.reach) * 4 - windows].all()
    assert not same[20 * 4 :].any()


def test_a_flat_spectrum_comes_back_at_its_place(shake):
    """The windows are placed so that frame f describes samples f * hop ... (f + 1) * hop."""
    decoder = shake(IstftDecoder(small(16, 4)))
    with torch.no_grad():
        decoder.head.weight.zero_()
        decoder.head.bias.zero_()  # magnitude 1, phase 0: an impulse at the start of every window
    samples = decoder(torch.randn(1, 4, 12))[0]
    assert samples.isfinite().all()
    torch.testing.assert_close(samples[16:20], samples[20:24], atol=1e-5, rtol=1e-5)


def test_decoders_do_not_keep_the_stream(shake):
    decoder = shake(IstftDecoder(small(16, 4)))
    latent = torch.randn(1, 4, 9)
    first, state = decoder.stream(latent[..., :6], None, last=False)
    one, _ = decoder.stream(latent[..., 6:], state, last=True)
    two, _ = decoder.stream(latent[..., 6:], state, last=True)
    torch.testing.assert_close(one, two)
    torch.testing.assert_close(torch.cat([first, one], 1), decoder(latent), atol=1e-5, rtol=1e-4)
