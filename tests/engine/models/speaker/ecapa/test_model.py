"""ECAPA-TDNN: unit vectors that padding does not move."""

import pytest
import torch

from yinse.engine.models.speaker.ecapa.config import EcapaConfig
from yinse.engine.models.speaker.ecapa.model import EcapaTdnn

CONFIG = EcapaConfig(bands=10, channels=8, pooled=12, attention=4, squeeze=4, embedding=6)


@pytest.fixture
def encoder(shake):
    encoder = EcapaTdnn(CONFIG)
    for _ in range(3):  # give the normalisations statistics other than 0 and 1
        encoder(torch.randn(4, 10, 60) * 3 + 1, torch.full((4,), 60))
    return shake(encoder)


def test_embeddings_have_unit_length(encoder):
    embedding = encoder(torch.randn(3, 10, 50), torch.tensor([50, 50, 50]))
    assert embedding.shape == (3, 6)
    torch.testing.assert_close(embedding.norm(dim=1), torch.ones(3))


@pytest.mark.parametrize("frames", [30, 31])
def test_padding_does_not_move_an_embedding(encoder, frames):
    mel = torch.randn(2, 10, 50)
    together = encoder(mel, torch.tensor([50, frames]))
    alone = encoder(mel[1:, :, :frames], torch.tensor([frames]))
    torch.testing.assert_close(together[1:], alone, atol=1e-5, rtol=1e-4)


def test_level_and_microphone_do_not_move_an_embedding(encoder):
    mel, colour = torch.randn(1, 10, 50), torch.randn(1, 10, 1)
    lengths = torch.tensor([50])
    torch.testing.assert_close(encoder(mel + colour, lengths), encoder(mel, lengths), atol=1e-5, rtol=1e-4)
