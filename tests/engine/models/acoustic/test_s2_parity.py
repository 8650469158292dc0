"""s2 of every version against the published fixtures."""

import pytest
import torch

from published_parity import Fixture, close, load, seeded
from yinse.engine.models.acoustic.s2 import config, factory, legacy
from yinse.engine.models.acoustic.s2.model import S2Model
from yinse.engine.models.acoustic.s2.state import ChunkState, Reference, VoiceCondition

pytestmark = pytest.mark.parity

VERSIONS = tuple(config.PRESETS)


def model_of(version: str) -> S2Model:
    preset = config.PRESETS[version]()
    model = seeded(
        lambda norm: factory.build(preset, posterior=True, weight_norm=norm), legacy.renames(preset)
    )
    assert isinstance(model, S2Model)
    return model


@pytest.fixture(scope="module")
def models():
    made: dict[str, S2Model] = {}

    def get(version: str) -> S2Model:
        if version not in made:
            made[version] = model_of(version)
        return made[version]

    return get


def reference(fixture: Fixture, suffix: str = "") -> Reference:
    return Reference(fixture["refer" + suffix], fixture.get("sv_emb" + suffix))


def condition(model: S2Model, fixture: Fixture) -> VoiceCondition:
    return model.condition([reference(fixture)])


@pytest.mark.parametrize("version", VERSIONS)
def test_reference_encoder(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    close(model.style(fixture["refer"]), fixture["ref_enc"])


@pytest.mark.parametrize("version", ["v2Pro", "v2ProPlus"])
def test_speaker_embedding_joins_the_style(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    made = condition(model, fixture)
    close(made.style_BG1, fixture["ge"])
    close(made.encoder_BE1, fixture["ge512"])


@pytest.mark.parametrize("version", VERSIONS)
def test_prior_flow_and_decoder(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    voice = condition(model, fixture)
    hidden = model.hidden(fixture["codes"][:, 0], fixture["text"], voice)
    mean, log_deviation = model.encoder.statistics(hidden)
    close(mean, fixture["m_p"])
    close(log_deviation, fixture["logs_p"])
    latents = model.flow.inverse(mean, voice.style_BG1)
    close(latents, fixture["z"])
    close(model.decoder(latents, voice.style_BG1), fixture["wav"])


@pytest.mark.parametrize("version", VERSIONS)
def test_decode_without_noise(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    samples = model.decode(
        fixture["codes"][:, 0], fixture["text"], condition(model, fixture), noise_scale=0.0
    )
    close(samples, fixture["wav"])


@pytest.mark.parametrize("version", ["v2", "v2Pro"])
def test_decode_with_stored_noise(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    samples = model.decode(
        fixture["codes"][:, 0], fixture["text"], condition(model, fixture), noise_BCT=fixture["noise"]
    )
    close(samples, fixture["wav_noise0.5"])


@pytest.mark.parametrize("version", ["v2", "v2Pro"])
def test_speed_and_two_references(models, version):
    fixture, model = load(f"s2_{version}"), models(version)
    voice = model.condition([reference(fixture), reference(fixture, "2")])
    samples = model.decode(fixture["codes"][:, 0], fixture["text"], voice, speed=1.25, noise_scale=0.0)
    close(samples, fixture["wav_speed1.25_2refs"])


def test_encoder_internals(models):
    fixture, model = load("s2_v2"), models("v2")
    tokens = fixture["codes"][:, 0]
    close(model.encoder.encode_content(model.content(tokens)), fixture["enc_ssl"])
    close(model.encoder.encode_text(fixture["text"]), fixture["mrte_in_text"])
    close(model.hidden(tokens, fixture["text"], condition(model, fixture)), fixture["enc_p_hidden"])


def test_posterior_and_forward_flow(models):
    fixture, model = load("s2_v2"), models("v2")
    voice = condition(model, fixture)
    assert model.posterior is not None
    mean, log_deviation = model.posterior(fixture["spec"], voice.style_BG1)
    close(mean, fixture["post_m"])
    close(log_deviation, fixture["post_logs"])
    latents = mean + fixture["eps"] * log_deviation.exp()
    # The exponential takes values into the hundreds, whose rounding depends on the weights: 1e-6 to 4e-6.
    close(latents, fixture["post_z"], 3e-5, relative=True)
    forward = model.flow(latents, voice.style_BG1)
    close(forward, fixture["flow_fwd"], 3e-5, relative=True)
    close(model.flow.inverse(forward, voice.style_BG1), latents, 1e-5, relative=True)


def test_streamed_chunks(models):
    fixture, model = load("s2_v2"), models("v2")
    voice, tokens = condition(model, fixture), fixture["codes"][:, 0]
    first = fixture["stream_latent_a"].shape[2] // 2
    second = fixture["stream_wav_b"].shape[2] // 1280
    overlap = second - (tokens.shape[1] - first)
    samples, hidden, state = model.decode_chunk(
        tokens[:, :first], fixture["text"], voice, None, keep=first, overlap=overlap, noise_scale=0.0
    )
    close(hidden, fixture["stream_latent_a"])
    close(samples, fixture["stream_wav_a"])
    assert isinstance(state, ChunkState)
    samples, _, _ = model.decode_chunk(
        tokens, fixture["text"], voice, state, keep=second, overlap=overlap, noise_scale=0.0
    )
    close(samples, fixture["stream_wav_b"])


def test_quantizer(models):
    fixture, model = load("quantizer"), models("v2")
    close(model.tokenizer.projection(fixture["ssl"]), fixture["ssl_proj"])
    codes = model.tokenizer(fixture["ssl"])
    assert torch.equal(codes[:, None], fixture["codes"])
    assert torch.equal(codes[:, None], fixture["codes_encode"])
    close(model.tokenizer.embed(codes), fixture["quantized"])
