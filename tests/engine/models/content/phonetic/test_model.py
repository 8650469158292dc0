"""The content encoder: rates, padding, and the way through the quantiser."""

import pytest
import torch

from yinse.engine.models.content.phonetic.config import ContentConfig
from yinse.engine.models.content.phonetic.model import ContentEncoder

CONFIG = ContentConfig(
    12, bands=10, channels=8, hidden=8, heads=2, stem_depth=1, lower_depth=1, upper_depth=1, kernel=3
)


@pytest.fixture
def encoder(shake):
    return shake(ContentEncoder(CONFIG))


@pytest.mark.parametrize("frames", [8, 9, 11, 12])
def test_rates(encoder, frames):
    heard = encoder(torch.randn(1, 10, frames), torch.tensor([frames]), torch.tensor([False]))
    tokens = frames // 4
    assert heard.tokens_BT.shape == (1, tokens)
    assert heard.values_BTL.shape == (1, tokens, 4)
    assert heard.logits_BUV.shape == (1, 2 * tokens, 12)
    assert heard.lengths_B.tolist() == [tokens]
    assert 0 <= int(heard.tokens_BT.min()) <= int(heard.tokens_BT.max()) < 1000


def test_what_lies_beyond_the_length_is_not_looked_at(encoder):
    mel = torch.randn(2, 10, 40)
    lengths, straight = torch.tensor([40, 24]), torch.tensor([False, True])
    heard = encoder(mel, lengths, straight)
    mel[1, :, 24:] = 50.0
    again = encoder(mel, lengths, straight)
    assert torch.equal(heard.tokens_BT[1, :6], again.tokens_BT[1, :6])
    torch.testing.assert_close(heard.logits_BUV[1, :12], again.logits_BUV[1, :12])


def test_a_microphone_is_not_heard(encoder):
    mel, colour = torch.randn(1, 10, 40), torch.randn(1, 10, 1)
    lengths, straight = torch.tensor([40]), torch.tensor([False])
    one, other = encoder(mel, lengths, straight), encoder(mel + colour, lengths, straight)
    torch.testing.assert_close(one.logits_BUV, other.logits_BUV, atol=1e-4, rtol=1e-4)


def test_quantised_rows_are_scored_from_their_tokens_alone(encoder):
    mel = torch.randn(2, 10, 40)
    lengths = torch.tensor([40, 40])
    heard = encoder(mel, lengths, torch.tensor([True, False]))
    mask, rotary = encoder._geometry(lengths // 4, 10)
    values = encoder.quantizer.values(heard.tokens_BT).float()
    through = encoder.score(encoder.expand(values), mask, rotary)
    torch.testing.assert_close(heard.logits_BUV[0], through[0])
    assert not torch.allclose(heard.logits_BUV[1], through[1])
