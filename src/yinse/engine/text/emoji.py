"""Emoji: dropped, or read by name where the caller asks for it; one without a name here is dropped either way."""

from typing import Literal, TypeAlias

from yinse.engine.text.characters import is_emoji
from yinse.engine.text.phoneme import Language
from yinse.engine.text.spanned import Spanned, SpannedBuilder
from yinse.engine.text.tables import column

EmojiMode: TypeAlias = Literal["drop", "read"]


def read_emoji(source: Spanned, language: Language) -> Spanned:
    """Put the names of emoji in their place, set off by commas."""
    names = column("emoji.tsv", language)
    builder = SpannedBuilder()
    for index, char in enumerate(source.text):
        name = names.get(char) if is_emoji(char) else None
        if name is None:
            builder.copy(source, index, index + 1)
        else:
            builder.say(f",{name},", source.spans[index])
    return builder.build()
