import pytest
from benchmarks.voice.pronounce import FINALS, INITIALS, MORA_PHONES, english, japanese, mandarin, syllable
from benchmarks.voice.sentences import is_plain, plain, written

VOWELS = "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW"
CONSONANTS = "B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH"
ARPABET = {*VOWELS.split(), *CONSONANTS.split()}


@pytest.mark.parametrize("spelling", [INITIALS, FINALS, MORA_PHONES])
def test_tables_hold_only_phones_of_the_model(spelling):
    assert {phone for phones in spelling.values() for phone in phones.split()} <= ARPABET


def test_english_words():
    assert [unit.name for unit in english("It’s a well-known FACT.")] == [
        "it's",
        "a",
        "well",
        "known",
        "fact",
    ]
    with pytest.raises(ValueError, match="digits"):
        english("At 9 o'clock")


def test_mandarin_syllables_without_tones():
    units = mandarin("知识，自己。")
    assert [unit.phones for unit in units] == [("JH", "ER"), ("SH", "ER"), ("D", "Z", "AH"), ("JH", "IY")]
    assert mandarin("妈麻马骂")[0] == mandarin("妈麻马骂")[3]


def test_syllables_that_differ_in_sound_differ_in_name():
    assert syllable("n", "v").name != syllable("n", "u").name


def test_japanese_morae():
    assert [unit.name for unit in japanese("きょう、本。")] == ["ja_ky_o", "ja_o", "ja_h_o", "ja_N"]


@pytest.mark.parametrize(
    ("text", "language", "verdict"),
    [("It's fine.", "en", True), ("At 9.", "en", False), ("听歌曲", "zh", True), ("听logo", "zh", False)],
)
def test_one_script_and_no_digits(text, language, verdict):
    assert is_plain(text, language) is verdict


def test_transcripts_of_one_sentence_share_their_plain_form():
    assert plain("HE'S HERE") == plain("He's here.")


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
def test_sixty_different_written_sentences(language):
    lines = written(language)
    assert len({plain(line) for line in lines}) == len(lines) == 60
    assert all(is_plain(line, language) for line in lines)
