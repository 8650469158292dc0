"""The condition encoder: frames where tokens are, in pieces as in one, at both geometries."""

import torch

from yinse.engine.models.acoustic.sovits.condition import ConditionEncoder, Voice


def voice_of(encoder: ConditionEncoder, tokens: int = 9) -> Voice:
    frames = encoder.config.frames_before(tokens)
    return encoder.remember(
        torch.randn(2, 5),
        torch.randint(1000, (2, tokens)),
        torch.randint(20, (2, tokens)),
        torch.randn(2, 6, frames),
    )


def test_pieces_equal_the_whole(geometry, shake, feed):
    encoder = shake(ConditionEncoder(geometry))
    voice = voice_of(encoder)
    token_BT, symbol_BT = torch.randint(1000, (2, 16)), torch.randint(20, (2, 16))
    streamed = feed(
        lambda t, s, state, last: encoder.stream(t, s, voice, state, last=last), token_BT, symbol_BT
    )
    whole = encoder(token_BT, symbol_BT, voice)
    assert whole.shape == (2, 8, geometry.frames_before(16))
    torch.testing.assert_close(streamed, whole, atol=1e-5, rtol=1e-4)


def test_frames_fill_the_time_of_the_tokens(geometry):
    exact = [tokens * geometry.rate / (25 * geometry.hop) for tokens in range(50)]
    assert all(0 <= geometry.frames_before(n) - wanted < 1 for n, wanted in enumerate(exact))


def test_every_frame_belongs_to_the_token_it_begins_in(geometry, shake):
    encoder = shake(ConditionEncoder(geometry))
    with torch.no_grad():
        encoder.phase.weight.zero_()
    x_BCT = torch.randn(1, 8, 12)
    frames = encoder._to_frames(x_BCT, 3)[0].T
    widened = encoder.widen(x_BCT.transpose(1, 2))[0]
    begin = geometry.frames_before(3)
    for index, frame in enumerate(frames, begin):
        token = int(index * geometry.hop * 25 / geometry.rate) - 3
        torch.testing.assert_close(frame, widened[token])


def test_masked_memory_is_not_looked_at(geometry, shake):
    encoder = shake(ConditionEncoder(geometry))
    speaker, token, symbol = torch.randn(1, 5), torch.randint(1000, (1, 9)), torch.randint(20, (1, 9))
    latent = torch.randn(1, 6, geometry.frames_before(9))
    mask = (torch.arange(9) < 6)[None]
    said = torch.randint(1000, (1, 4)), torch.randint(20, (1, 4))
    outs = []
    for other in (token, token.clone()):
        voice = encoder.remember(speaker, other, symbol, latent, mask)
        key, value = voice.memory[0]
        if outs:  # disturb what is masked
            key[:, :, 6:] += 5
            value[:, :, 6:] -= 5
        outs.append(encoder(*said, voice))
    torch.testing.assert_close(*outs)


def test_speaker_and_reference_both_matter(small, shake):
    encoder = shake(ConditionEncoder(small))
    voice, other = voice_of(encoder), voice_of(encoder)
    said = torch.randint(1000, (2, 5)), torch.randint(20, (2, 5))
    base = encoder(*said, voice)
    assert not torch.allclose(base, encoder(*said, Voice(other.speaker_BE, voice.memory)))
    assert not torch.allclose(base, encoder(*said, Voice(voice.speaker_BE, other.memory)))
