import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yinse.contracts.refusals import Unsealable
from yinse.vault import segments as module
from yinse.vault.sealing import Secret
from yinse.vault.segments import (
    HEADER_BYTES,
    SEALED_SEGMENT_BYTES,
    SEGMENT_BYTES,
    Opener,
    Sealer,
    plain_size,
    sealed_size,
)

KEY = Secret(bytes(range(32)))


def sealed(plain: bytes, binding: bytes = b"row", step: int = 50_000) -> bytes:
    sealer = Sealer(KEY, binding)
    parts = [sealer.update(plain[at : at + step]) for at in range(0, len(plain), step)]
    return b"".join(parts) + sealer.finish()


def opened(ciphertext: bytes, binding: bytes = b"row", step: int = 50_000) -> bytes:
    opener = Opener(KEY, binding)
    parts = [opener.update(ciphertext[at : at + step]) for at in range(0, len(ciphertext), step)]
    return b"".join(parts) + opener.finish()


@pytest.mark.parametrize(
    "size", [0, 1, SEGMENT_BYTES - 1, SEGMENT_BYTES, SEGMENT_BYTES + 1, 3 * SEGMENT_BYTES, 200_001]
)
def test_any_length_opens_and_has_the_promised_size(size: int) -> None:
    plain = bytes(index % 251 for index in range(size))
    ciphertext = sealed(plain)
    assert len(ciphertext) == sealed_size(size)
    assert plain_size(len(ciphertext)) == size
    assert opened(ciphertext) == plain


@settings(max_examples=20)
@given(st.integers(1, 90_000), st.integers(1, 90_000))
def test_chunking_does_not_matter(write: int, read: int) -> None:
    plain = b"abc" * 50_000
    assert opened(sealed(plain, step=write), step=read) == plain


def segments(ciphertext: bytes) -> list[bytes]:
    body = ciphertext[HEADER_BYTES:]
    return [body[at : at + SEALED_SEGMENT_BYTES] for at in range(0, len(body), SEALED_SEGMENT_BYTES)]


def test_swapped_dropped_repeated_or_cut_segments_do_not_open() -> None:
    whole = sealed(bytes(3 * SEGMENT_BYTES + 10))
    header, (one, two, three, last) = whole[:HEADER_BYTES], segments(whole)
    for bad in ([two, one, three, last], [one, three, last], [one, one, two, three, last], [one, two, three]):
        with pytest.raises(Unsealable):
            opened(header + b"".join(bad))


def test_another_row_another_magic_and_nothing_at_all_do_not_open() -> None:
    whole = sealed(b"voice")
    for bad, binding in (
        (whole, b"other"),
        (b"RIFF" + whole[4:], b"row"),
        (b"", b"row"),
        (whole[:22], b"row"),
    ):
        with pytest.raises(Unsealable):
            opened(bad, binding)


def test_the_plaintext_is_not_in_the_ciphertext() -> None:
    assert b"my own voice" not in sealed(b"my own voice" * 100)


def test_every_row_is_sealed_with_a_key_of_its_own_even_if_the_salt_is_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module.os, "urandom", bytes)
    one, other = (sealed(b"voice" * 20, binding) for binding in (b"row", b"other"))
    assert one[:HEADER_BYTES] == other[:HEADER_BYTES]
    assert one[HEADER_BYTES : HEADER_BYTES + 100] != other[HEADER_BYTES : HEADER_BYTES + 100]
