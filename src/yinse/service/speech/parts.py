"""A long text in parts that can be spoken, kept and repeated one by one; pure."""

import re

PART_CHARACTERS = 400
_BOUNDARY = re.compile(r"(?<=[。！？!?\n])|(?<=\.)(?=\s)")


def split(text: str, most: int = PART_CHARACTERS) -> list[str]:
    """Cut at sentence ends into parts of about `most` characters; joined, they are the text."""
    parts: list[str] = []
    for sentence in _BOUNDARY.split(text):
        for at in range(0, len(sentence), most):
            piece = sentence[at : at + most]
            if parts and (len(parts[-1]) + len(piece) <= most or not _has_words(piece)):
                parts[-1] += piece
            else:
                parts.append(piece)
    return parts


def _has_words(text: str) -> bool:
    return any(character.isalnum() for character in text)
