"""The sentence a speaker reads: who owns the voice, what for, the day, and six digits nobody can foresee."""

import secrets
from datetime import date

from yinse.contracts.errors import InvalidInput

_DIGITS = {
    "zh": "零一二三四五六七八九",
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "ja": ("ゼロ", "いち", "に", "さん", "よん", "ご", "ろく", "なな", "はち", "きゅう"),
}
_SENTENCES = {
    "zh": "我是这个声音的主人，我同意{platform}用我的声音制作合成语音。今天是{month}月{day}日，口令是{nonce}。",
    "en": (
        "I am the owner of this voice and I consent to {platform} making a synthetic voice of it. "
        "The date is {month} {day}, and the words are {nonce}."
    ),
    "ja": (
        "私はこの声の持ち主です。{platform}が私の声から合成音声を作ることに同意します。"
        "今日は{month}月{day}日、合言葉は{nonce}です。"
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
_NONCE_DIGITS = 6


def challenge(language: str, platform: str, today: date) -> str:
    """Draw a sentence with a fresh nonce. Raises `InvalidInput` for a language without one."""
    _require(language)
    digits = [_DIGITS[language][secrets.randbelow(10)] for _ in range(_NONCE_DIGITS)]
    month = _MONTHS[today.month - 1] if language == "en" else str(today.month)
    nonce = (", " if language == "en" else "、").join(digits)
    return _SENTENCES[language].format(platform=platform, month=month, day=today.day, nonce=nonce)


def nonce_of(phrase: str, language: str) -> str:
    """The random part of a sentence that `challenge` drew."""
    before, after = _SENTENCES[language].split("{nonce}")
    lead = before.rpartition("}")[2]
    return phrase.rpartition(lead)[2].removesuffix(after)


def fixed(language: str, platform: str) -> str:
    """The sentence without a nonce, for clients that cannot ask for one."""
    base = language.split("-")[0].lower()
    _require(base)
    return _FIXED[base].format(platform=platform)


def _require(language: str) -> None:
    if language not in _SENTENCES:
        raise InvalidInput(f"There is no consent sentence in {language!r}; choose zh, en or ja.")
