from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from yinse.contracts.refusals import Unsealable
from yinse.contracts.storage import KeyChain, ObjectRef
from yinse.vault import sealing
from yinse.vault.keyring import Keyring
from yinse.vault.receipts import Signer, verify
from yinse.vault.roots import root_from_file, rotate_root_file
from yinse.vault.sealing import NONCE_BYTES, TAG_BYTES

REF = ObjectRef("acct_a", "voice_a", "obj_1", "recording")


@pytest.fixture
def ring(tmp_path: Path) -> Keyring:
    return Keyring(root_from_file(tmp_path / "root.json"))


@pytest.fixture
def chain(ring: Keyring) -> KeyChain:
    account = ring.new_account_key("acct_a")
    return KeyChain("acct_a", account, ring.new_voice_key("acct_a", "voice_a", account))


def test_an_object_opens_with_its_chain(ring: Keyring, chain: KeyChain) -> None:
    assert ring.open(chain, REF, ring.seal(chain, REF, b"prompt")) == b"prompt"


@pytest.mark.parametrize(
    "moved",
    [
        replace(REF, account_id="acct_b"),
        replace(REF, object_id="obj_2"),
        replace(REF, kind="prompt"),
    ],
)
def test_a_ciphertext_moved_to_another_row_does_not_open(
    ring: Keyring, chain: KeyChain, moved: ObjectRef
) -> None:
    sealed = ring.seal(chain, REF, b"prompt")
    with pytest.raises(Unsealable):
        ring.open(chain, moved, sealed)


def test_a_voice_key_moved_to_another_voice_or_account_does_not_open(ring: Keyring, chain: KeyChain) -> None:
    sealed = ring.seal(chain, REF, b"prompt")
    with pytest.raises(Unsealable):
        ring.open(chain, replace(REF, voice_id="voice_b"), sealed)
    stranger = KeyChain("acct_b", ring.new_account_key("acct_b"), chain.voice)
    with pytest.raises(Unsealable):
        ring.open(stranger, REF, sealed)
    with pytest.raises(Unsealable):
        ring.fingerprint(chain, "voice_b")
    with pytest.raises(Unsealable):
        ring.new_voice_key("acct_b", "voice_b", chain.account)


def test_every_row_is_sealed_with_a_key_of_its_own(
    ring: Keyring, chain: KeyChain, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen where two nonces are the same by bad luck: only then does it matter."""
    monkeypatch.setattr(sealing.os, "urandom", bytes)
    one, other = (ring.seal(chain, ref, b"prompt" * 9) for ref in (REF, replace(REF, object_id="obj_2")))
    assert one[:NONCE_BYTES] == other[:NONCE_BYTES]
    assert one[NONCE_BYTES:-TAG_BYTES] != other[NONCE_BYTES:-TAG_BYTES]


def test_without_the_voice_key_the_account_and_root_keys_open_nothing(ring: Keyring, chain: KeyChain) -> None:
    sealed = ring.seal(chain, REF, b"prompt")
    with pytest.raises(Unsealable):
        ring.open(replace(chain, voice=None), REF, sealed)
    fresh = replace(chain, voice=ring.new_voice_key("acct_a", "voice_a", chain.account))
    with pytest.raises(Unsealable):
        ring.open(fresh, REF, sealed)


def test_rotating_the_root_keeps_objects_readable(tmp_path: Path, ring: Keyring, chain: KeyChain) -> None:
    sealed = ring.seal(chain, REF, b"prompt")
    rotated = Keyring(rotate_root_file(tmp_path / "root.json"))
    moved = replace(chain, account=rotated.rewrap_account("acct_a", chain.account))
    assert moved.account.wrapper == rotated.active_root == "2"
    assert rotated.open(moved, REF, sealed) == b"prompt"


def test_rotating_an_account_key_keeps_objects_readable(ring: Keyring, chain: KeyChain) -> None:
    sealed = ring.seal(chain, REF, b"prompt")
    fresh = ring.new_account_key("acct_a")
    assert chain.voice is not None
    voice = ring.rewrap_voice("acct_a", "voice_a", chain.voice, chain.account, fresh)
    assert ring.open(KeyChain("acct_a", fresh, voice), REF, sealed) == b"prompt"
    with pytest.raises(Unsealable):
        ring.open(KeyChain("acct_a", fresh, chain.voice), REF, sealed)


def test_a_fingerprint_names_a_key_and_reveals_none_of_it(ring: Keyring, chain: KeyChain) -> None:
    other = replace(chain, voice=ring.new_voice_key("acct_a", "voice_a", chain.account))
    assert ring.fingerprint(chain, "voice_a") == ring.fingerprint(chain, "voice_a")
    assert ring.fingerprint(chain, "voice_a") != ring.fingerprint(other, "voice_a")


def test_streams_open_as_they_are_read(ring: Keyring, chain: KeyChain) -> None:
    import asyncio

    async def audio() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield b"pcm" * 20_000

    async def round_trip() -> bytes:
        plain = ring.open_stream(chain, REF, ring.seal_stream(chain, REF, audio()))
        return b"".join([chunk async for chunk in plain])

    assert asyncio.run(round_trip()) == b"pcm" * 100_000


def test_keys_never_show_in_a_repr(chain: KeyChain) -> None:
    assert chain.voice is not None
    assert repr(chain.voice.ciphertext)[2:10] not in repr(chain)


def test_receipts_verify_and_notice_a_changed_word() -> None:
    signer = Signer(Signer.generate())
    statement = {"voice_id": "voice_a", "objects": 3, "名": "音色"}
    signature = signer.sign(statement)
    assert verify(statement, signature, signer.public)
    assert verify(dict(reversed(statement.items())), signature, signer.public), "order says nothing"
    assert not verify({**statement, "objects": 2}, signature, signer.public)
    assert not verify(statement, signature, Signer(Signer.generate()).public)
    assert not verify(statement, "not base64", signer.public)


def test_house_secrets_are_bound_to_their_name(ring: Keyring) -> None:
    wrapped = ring.wrap_secret("receipts", b"s" * 32)
    assert ring.unwrap_secret("receipts", wrapped) == b"s" * 32
    with pytest.raises(Unsealable):
        ring.unwrap_secret("links", wrapped)
