"""GPT-SoVITS api_v2 requests. What has no meaning here is accepted and unused."""

from pathlib import PurePosixPath
from typing import Any, Literal

from pydantic import BaseModel, Field, field_validator

from yinse.contracts.speech import Language
from yinse.service.speech.schemas import Controls, FormatName

_LANGUAGES = {
    "zh": Language.ZH,
    "all_zh": Language.ZH,
    "yue": Language.ZH,
    "all_yue": Language.ZH,
    "en": Language.EN,
    "ja": Language.JA,
    "all_ja": Language.JA,
    "auto": Language.AUTO,
    "auto_yue": Language.AUTO,
}
_FORMATS: dict[str, FormatName] = {
    "wav": "wav",
    "raw": "pcm",
    "ogg": "opus",
    "aac": "aac",
    "mp3": "mp3",
    "flac": "flac",
}


class Tts(BaseModel):
    """`/tts`. `ref_audio_path` is never a path: its last part without extension names a voice of mine."""

    text: str = Field(min_length=1)
    text_lang: str = Field(default="auto", max_length=16)
    ref_audio_path: str = Field(default="", max_length=512)
    prompt_lang: str = Field(default="", max_length=16)
    prompt_text: str = Field(default="", max_length=2000)
    aux_ref_audio_paths: list[str] | None = Field(default=None, max_length=64)
    top_k: int = Field(default=15, ge=1, le=1024)
    top_p: float = Field(default=1.0, gt=0, le=1)
    temperature: float = Field(default=1.0, gt=0, le=2)
    repetition_penalty: float = Field(default=1.35, ge=1, le=4)
    sample_steps: int = Field(default=32, ge=1, le=128)
    speed_factor: float = Field(default=1.0, ge=0.25, le=4.0)
    seed: int = Field(default=-1, ge=-1, le=2**32 - 1)
    media_type: Literal["wav", "raw", "ogg", "aac", "mp3", "flac"] = "wav"
    streaming_mode: Literal["0", "1", "2", "3", "true", "false"] = "0"

    @field_validator("streaming_mode", mode="before")
    @classmethod
    def _as_text(cls, value: object) -> object:
        """Numbers, booleans and either of them as text are all sent."""
        return str(value).lower() if isinstance(value, bool | int | str) else value

    @property
    def streams(self) -> bool:
        """Whether audio is sent while it is spoken; otherwise a whole file comes, which says how long it is."""
        return self.streaming_mode not in ("0", "false")

    @property
    def language(self) -> Language | None:
        """The language, or None when it is not spoken here."""
        return _LANGUAGES.get(self.text_lang.lower())

    @property
    def format(self) -> FormatName:
        """Our name of the format."""
        return _FORMATS[self.media_type]

    def controls(self) -> Controls:
        """As our own request has it; that API's defaults suit its models and mean our engine's own here."""
        return Controls(
            speed=self.speed_factor,
            seed=None if self.seed < 0 else self.seed,
            temperature=self._chosen("temperature"),
            top_k=self._chosen("top_k"),
            top_p=self._chosen("top_p"),
            repetition_penalty=self._chosen("repetition_penalty"),
            sample_steps=self._chosen("sample_steps"),
        )

    def _chosen(self, name: str) -> Any:
        value = getattr(self, name)
        return None if value == type(self).model_fields[name].default else value


class Speaker(BaseModel):
    """A voice as that API's clients list it."""

    name: str
    voice_id: str


class Message(BaseModel):
    """It was done, or why not."""

    message: str


def handle_of(path: str) -> str:
    """`./参考音频/小明.wav` names the voice 小明."""
    name = PurePosixPath(path.replace("\\", "/")).name
    stem, dot, extension = name.rpartition(".")
    return stem if dot and extension.lower() in ("wav", "mp3", "flac", "ogg", "m4a") else name


def error_members(problem: Any) -> dict[str, Any]:
    """How that API's clients read an error, beside the problem document."""
    members = {"message": problem.detail}
    return members | {"status": 400} if problem.status in (404, 422) else members
