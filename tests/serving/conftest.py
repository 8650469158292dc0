"""Sealed voices in a temporary vault, for whichever backend reads them."""

import io
import json
import warnings
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.conftest import TINY_CONFIGS, make_prompt  # noqa: F401 - a fixture
from yinse.contracts.speech import SealedVoice, SpeechControls, SynthesisRequest
from yinse.contracts.storage import BlobStore, KeyChain, ObjectRef
from yinse.service.objects.store import folder
from yinse.vault.keyring import Keyring
from yinse.vault.roots import root_from_file


class Vault:
    """Blobs and keys."""

    def __init__(self, home: Path, objects: Path | None = None) -> None:
        self.keyring = Keyring(root_from_file(home / "root.json"))
        self.blobs: BlobStore = folder(objects or home / "objects")

    def chain(self, voice_id: str) -> KeyChain:
        account = self.keyring.new_account_key("acct_a")
        return KeyChain("acct_a", account, self.keyring.new_voice_key("acct_a", voice_id, account))

    async def put(self, chain: KeyChain, ref: ObjectRef, plain: bytes) -> None:
        async def once() -> AsyncIterator[bytes]:
            yield plain

        await self.keyring.put(self.blobs, chain, ref, once())

    async def voice(
        self, voice_id: str, prompt: bytes, *, adapter: bytes | None = None, epoch: int = 1
    ) -> SealedVoice:
        chain, objects = self.chain(voice_id), {}
        for role, plain in (("prompt", prompt), ("adapter", adapter)):
            if plain is not None:
                objects[role] = ObjectRef("acct_a", voice_id, f"obj_{role}", role)
                await self.put(chain, objects[role], plain)
        return SealedVoice(voice_id, epoch, chain, objects)

    async def tone(self, voice_id: str, pitch: float) -> SealedVoice:
        return await self.voice(voice_id, json.dumps({"pitch": pitch}).encode())


def request_of(voice: SealedVoice, text: str = "你好,世界", seed: int = 7, **kwargs) -> SynthesisRequest:
    return SynthesisRequest("req_1", text, voice, controls=SpeechControls(seed=seed), **kwargs)


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    return Vault(tmp_path)


@pytest.fixture
def make_request():
    return request_of


READING = (
    "今日は朝から空がよく晴れていて、散歩をするのにちょうどよい天気です。駅の前の小さな店で温かいコーヒーを買い、"
    "公園のベンチに座ってゆっくり飲みました。子どもたちの笑い声が遠くから聞こえてきて、時間がたつのを忘れてしまいそうです。"
)


def speech_of(text: str = READING, **voice: float) -> bytes:
    """OpenJTalk reading as a WAV file, about 18 s of it; `half_tone` moves its pitch."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pyopenjtalk

        samples, rate = pyopenjtalk.tts(text, **voice)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return buffer.getvalue()


@pytest.fixture(scope="session")
def reading() -> bytes:
    """A recording that the gate lets through."""
    return speech_of()


@pytest.fixture(scope="session")
def tiny_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bundle of every part of the base voice, tiny and random."""
    import torch

    from yinse.engine.checkpoints.base import FAMILY, PARTS, symbols_digest
    from yinse.engine.checkpoints.bundle import Manifest, write_manifest, write_part

    folder = tmp_path_factory.mktemp("tiny-weights")
    torch.manual_seed(0)
    parts = {}
    for name, config in TINY_CONFIGS.items():
        module = PARTS[name][1](config)
        for parameter in module.parameters():
            if not parameter.any():
                torch.nn.init.normal_(parameter, std=0.05)
        parts[name] = write_part(folder, name, config, module.state_dict())
    write_manifest(folder, Manifest(FAMILY, "tiny", "Apache-2.0", ("noise",), symbols_digest(), parts))
    return folder
