"""Sealed voices in a temporary vault, for whichever backend reads them."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from yinse.contracts.speech import SealedVoice, SpeechControls, SynthesisRequest
from yinse.contracts.storage import BlobStore, KeyChain, ObjectRef
from yinse.service.objects.store import folder
from yinse.vault.keyring import Keyring
from yinse.vault.roots import root_from_file


class Vault:
    """Blobs and keys."""

    def __init__(self, home: Path) -> None:
        self.keyring = Keyring(root_from_file(home / "root.json"))
        self.blobs: BlobStore = folder(home / "objects")

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
