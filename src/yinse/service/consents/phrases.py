"""The sentence a speaker reads: who owns the voice, what for, the day, and six words nobody can foresee."""

import secrets
from dataclasses import dataclass
from datetime import date

from yinse.contracts.errors import InvalidInput
from yinse.service.consents.words import WORDS

_SENTENCES = {
    "zh": "我是这个声音的主人，我同意{platform}用我的声音制作合成语音。今天是{month}月{day}日，口令是：{nonce}。",
    "en": (
        "I am the owner of this voice, and I consent to {platform} making a synthetic voice of it. "
        "The date is {month} {day}, and the words are: {nonce}."
    ),
    "ja": (
        "私はこの声の持ち主です。{platform}が私の声から合成音声を作ることに同意します。"
        "今日は{month}月{day}日、合言葉は：{nonce}。"
    ),
}
_FIXED = {
    "zh": "我是这个声音的主人，我同意{platform}用我的声音制作合成语音模型。",
    "en": "I am the owner of this voice and I consent to {platform} creating a synthetic voice model of it.",
    "ja": "私はこの声の持ち主であり、{platform}がこの声から合成音声モデルを作ることに同意します。",
}
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_CORES = ("我的声音制作合成语音", "asyntheticvoiceofit", "asyntheticvoicemodelofit", "声から合成音声")
_NONCE_WORDS = 6
_COLONS = {"zh": "：", "en": ": ", "ja": "："}
_SEPARATORS = {"zh": "、", "en": ", ", "ja": "、"}
_ENDS = {"zh": "。", "en": ".", "ja": "。"}


@dataclass(frozen=True, slots=True)
class Parts:
    """A sentence's fixed words, the random ones behind them, and what those were drawn from."""

    lead: str
    nonce: tuple[str, ...]
    pool: tuple[str, ...]


def challenge(language: str, platform: str, today: date) -> str:
    """Draw a sentence with fresh words (36 random bits). Raises `InvalidInput` for a language without one."""
    _require(language)
    drawn = secrets.SystemRandom().sample(WORDS[language], _NONCE_WORDS)
    month = _MONTHS[today.month - 1] if language == "en" else str(today.month)
    nonce = _SEPARATORS[language].join(drawn)
    return _SENTENCES[language].format(platform=platform, month=month, day=today.day, nonce=nonce)


def parts_of(phrase: str, language: str) -> Parts:
    """Take a sentence that `challenge` drew apart; one of `fixed` has no random words."""
    base = _base(language)
    lead, colon, rest = phrase.rpartition(_COLONS[base])
    if not colon:
        return Parts(phrase, (), WORDS[base])
    return Parts(lead, tuple(rest.removesuffix(_ENDS[base]).split(_SEPARATORS[base])), WORDS[base])


def fixed(language: str, platform: str) -> str:
    """The sentence without random words, for clients that cannot ask for one."""
    base = _base(language)
    _require(base)
    return _FIXED[base].format(platform=platform)


def is_consent(text: str) -> bool:
    """Whether a text holds what makes a sentence of ours a consent, however it is spaced and punctuated."""
    plain = "".join(character for character in text.lower() if character.isalnum())
    return any(core in plain for core in _CORES)


def _base(language: str) -> str:
    return language.split("-")[0].lower()


def _require(language: str) -> None:
    if language not in _SENTENCES:
        raise InvalidInput(f"There is no consent sentence in {language!r}; choose zh, en or ja.")
