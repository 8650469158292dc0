"""Where in the text and when in the audio something sounds."""

from pydantic import BaseModel


class TextMark(BaseModel):
    """The characters [`text_start`, `text_end`) of the text sound from `start` to `end` (seconds)."""

    text_start: int
    text_end: int
    start: float
    end: float
