from yinse.contracts.speech import AudioChunk, LexiconRule, SealedVoice, SynthesisRequest
from yinse.contracts.storage import KeyChain, ObjectRef, WrappedKey

CHAIN = KeyChain("acct_a", WrappedKey("1", b"\xaa" * 60), WrappedKey("acct_a", b"\xbb" * 60))


def test_a_request_shows_neither_text_nor_keys() -> None:
    voice = SealedVoice("voice_a", 0, CHAIN, {})
    rule = LexiconRule("secret word", alias="spoken")
    request = SynthesisRequest("req_1", "my private diary", voice, lexicon=(rule,), previous_text="before")
    shown = repr(request)
    assert "voice_a" in shown
    for hidden in ("diary", "secret word", "before", r"\xaa", r"\xbb"):
        assert hidden not in shown


def test_a_chunk_knows_its_length_and_shows_no_audio() -> None:
    chunk = AudioChunk(0, b"\x01\x02" * 22050, 44100)
    assert chunk.seconds == 0.5
    assert r"\x01" not in repr(chunk)


def test_every_field_of_a_row_changes_its_binding_and_fields_cannot_run_together() -> None:
    rows = {
        ObjectRef("a", "v", "o", "k").binding,
        ObjectRef("b", "v", "o", "k").binding,
        ObjectRef("a", "w", "o", "k").binding,
        ObjectRef("a", "v", "p", "k").binding,
        ObjectRef("a", "v", "o", "l").binding,
        ObjectRef("av", "", "o", "k").binding,
    }
    assert len(rows) == 6
