"""Dictionaries on the wire."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from yinse.service.accounts.schemas import Name, Strict

Word = Annotated[str, StringConstraints(min_length=1, max_length=100)]
Phoneme = Annotated[str, StringConstraints(min_length=1, max_length=8, pattern=r"^\S+$")]


class Rule(Strict):
    """`written` is read as `alias` (other text) or as `phonemes` (pinyin with tones, ARPAbet or kana)."""

    written: Word
    alias: Word | None = None
    phonemes: Annotated[list[Phoneme], Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _one_reading(self) -> Self:
        if (self.alias is None) == (self.phonemes is None):
            raise ValueError("give either alias or phonemes")
        return self


Rules = Annotated[list[Rule], Field(max_length=5000)]


class NewDictionary(Strict):
    """A dictionary to make."""

    name: Name
    rules: Rules


class NewRules(Strict):
    """The rules of the next version."""

    rules: Rules


class Dictionary(BaseModel):
    """A dictionary and its newest version."""

    id: str
    name: str
    version: int
    created_at: datetime


class DictionaryWithRules(Dictionary):
    """With the rules of one version."""

    rules: Rules


class Dictionaries(BaseModel):
    """Newest first."""

    items: list[Dictionary]


class Locator(Strict):
    """A dictionary in a request; without a version, the newest."""

    id: str = Field(max_length=64)
    version: int | None = Field(default=None, ge=1, le=2**31 - 1)
