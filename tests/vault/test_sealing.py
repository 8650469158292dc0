import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yinse.contracts.refusals import Unsealable
from yinse.vault.sealing import Secret, open_sealed, seal


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_opens(plain: bytes, binding: bytes) -> None:
    key = Secret.random()
    assert open_sealed(key, seal(key, plain, binding), binding) == plain


def test_another_row_does_not_open() -> None:
    key = Secret.random()
    with pytest.raises(Unsealable):
        open_sealed(key, seal(key, b"voice", b"row 1"), b"row 2")


def test_another_key_does_not_open() -> None:
    with pytest.raises(Unsealable):
        open_sealed(Secret.random(), seal(Secret.random(), b"voice", b"row"), b"row")


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_flipped_bit_does_not_open(position: int) -> None:
    key = Secret.random()
    sealed = bytearray(seal(key, b"voice", b"row"))
    sealed[position] ^= 1
    with pytest.raises(Unsealable):
        open_sealed(key, bytes(sealed), b"row")


def test_a_cut_off_object_says_so() -> None:
    with pytest.raises(Unsealable, match="cut off"):
        open_sealed(Secret.random(), b"short", b"row")


def test_the_same_plaintext_seals_differently_each_time() -> None:
    key = Secret.random()
    assert seal(key, b"voice", b"row") != seal(key, b"voice", b"row")


def test_a_secret_shows_nothing_and_does_not_travel() -> None:
    secret = Secret(b"k" * 32)
    assert "k" * 4 not in repr(secret)
    assert "k" * 4 not in f"{secret}"
    with pytest.raises(TypeError):
        pickle.dumps(secret)


def test_a_key_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Secret(b"short")
