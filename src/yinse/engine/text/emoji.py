"""Emoji: dropped, or read by name where the caller asks for it; one without a name here is dropped either way."""

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias

from yinse.engine.text.characters import is_emoji
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import Spanned, SpannedBuilder

EmojiMode: TypeAlias = Literal["drop", "read"]


@cache
def _names() -> Mapping[str, Mapping[str, str]]:
    text = resources.files("yinse.engine.text").joinpath("data", "emoji.tsv").read_text("utf-8")
    rows = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {emoji: {"zh": zh, "en": en, "ja": ja} for emoji, zh, en, ja in rows}


def read_emoji(source: Spanned, language: Language) -> Spanned:
    """Put the names of emoji in their place, set off by commas."""
    builder = SpannedBuilder()
    for index, char in enumerate(source.text):
        name = _names().get(char, {}).get(language) if is_emoji(char) else None
        if name is None:
            builder.copy(source, index, index + 1)
        else:
            builder.say(f",{name},", source.spans[index])
    return builder.build()
