"""ElevenLabs' objects on the wire. Unknown members are ignored, as that API's clients expect."""

from typing import Any, Literal

from pydantic import BaseModel, Field

from yinse.contracts.errors import InvalidInput
from yinse.service.dictionaries.schemas import Locator
from yinse.service.speech.media import Format, format_of
from yinse.service.speech.schemas import CharacterAlignment, Controls


class VoiceSettings(BaseModel):
    """How a voice speaks."""

    stability: float | None = Field(default=None, ge=0, le=1)
    similarity_boost: float | None = Field(default=None, ge=0, le=1)
    style: float | None = Field(default=None, ge=0, le=1)
    use_speaker_boost: bool | None = None
    speed: float | None = Field(default=None, ge=0.25, le=4.0)

    def controls(self, seed: int | None) -> Controls:
        """As our own request has it."""
        return Controls(
            speed=1.0 if self.speed is None else self.speed,
            seed=seed,
            stability=self.stability,
            similarity=self.similarity_boost,
            style=self.style,
        )


class DictionaryLocator(BaseModel):
    """A dictionary in a request."""

    pronunciation_dictionary_id: str = Field(max_length=64)
    version_id: str | None = Field(default=None, pattern=r"^[1-9][0-9]{0,8}$")

    def ours(self) -> Locator:
        """As our own request has it."""
        return Locator(
            id=self.pronunciation_dictionary_id, version=int(self.version_id) if self.version_id else None
        )


class TextToSpeech(BaseModel):
    """The body of every speech route."""

    text: str = Field(min_length=1)
    model_id: str | None = Field(default=None, max_length=64)
    language_code: str | None = Field(default=None, max_length=16)
    voice_settings: VoiceSettings | None = None
    pronunciation_dictionary_locators: list[DictionaryLocator] | None = Field(default=None, max_length=3)
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)
    previous_text: str | None = Field(default=None, max_length=10_000)
    next_text: str | None = Field(default=None, max_length=10_000)


class Alignment(CharacterAlignment):
    """Characters in time."""


class SpeechWithTimestamps(BaseModel):
    """Audio and characters in time."""

    audio_base64: str
    alignment: Alignment | None
    normalized_alignment: Alignment | None


Quality = Literal["studio", "good", "ok", "poor", "bad"]


class Voice(BaseModel):
    """A voice."""

    voice_id: str
    name: str
    category: Literal["cloned", "premade"]
    labels: dict[str, str]
    description: str
    samples: list[dict[str, Any]] = Field(default_factory=list)
    settings: VoiceSettings
    is_owner: bool
    created_at_unix: int
    recording_quality: Quality | None
    recording_quality_reason: str | None
    fine_tuning: dict[str, Any] = Field(default_factory=dict)


class Voices(BaseModel):
    """Every voice; `has_more` and `total_count` are of the second version of the route."""

    voices: list[Voice]
    has_more: bool = False
    total_count: int
    next_page_token: str | None = None


class AddedVoice(BaseModel):
    """A voice that was made."""

    voice_id: str
    requires_verification: bool


class Done(BaseModel):
    """It was done."""

    status: Literal["ok"] = "ok"


class Model(BaseModel):
    """A model."""

    model_id: str
    name: str
    can_do_text_to_speech: bool = True
    can_do_voice_conversion: bool = False
    can_be_finetuned: bool = True
    can_use_style: bool = True
    can_use_speaker_boost: bool = False
    languages: list[dict[str, str]]
    maximum_text_length_per_request: int


class Subscription(BaseModel):
    """Quotas."""

    tier: str = "self-hosted"
    character_count: int
    character_limit: int
    next_character_count_reset_unix: int
    voice_slots_used: int
    voice_limit: int
    professional_voice_slots_used: int = 0
    professional_voice_slots_used_in_workspace: int = 0
    professional_voice_limit: int = 0
    voice_add_edit_counter: int = 0
    max_credit_limit_extension: int = 0
    can_extend_character_limit: bool = False
    allowed_to_extend_character_limit: bool = False
    can_extend_voice_limit: bool = False
    can_use_instant_voice_cloning: bool = True
    can_use_professional_voice_cloning: bool = True
    current_overage: dict[str, str] = Field(default_factory=lambda: {"amount": "0", "currency": "usd"})
    status: str = "active"


class User(BaseModel):
    """Who is calling."""

    user_id: str
    workspace_id: str
    subscription: Subscription
    first_name: str
    is_new_user: bool = False
    can_use_delayed_payment_methods: bool = False
    is_onboarding_completed: bool = True
    is_onboarding_checklist_completed: bool = True
    is_api_key_hashed: bool = True
    seat_type: str = "workspace_member"
    created_at: int


def output_format(name: str) -> Format:
    """A format by its name there, such as `mp3_44100_128` or `pcm_16000`. Raises `InvalidInput`."""
    codec, *numbers = name.split("_")
    if not numbers or len(numbers) > 2 or not all(number.isdigit() for number in numbers):
        raise InvalidInput(f"There is no output format {name[:32]!r}.")
    rate = int(numbers[0])
    bit_rate = int(numbers[1]) * 1000 if len(numbers) == 2 else None
    if bit_rate is not None and not 8000 <= bit_rate <= 320_000:
        raise InvalidInput(f"There is no output format {name[:32]!r}.")
    return format_of(codec, rate, bit_rate)


def error_members(problem: Any) -> dict[str, Any]:
    """How ElevenLabs' clients read an error, beside the problem document."""
    return {"detail": {"status": problem.code, "message": problem.detail}, "message": problem.detail}
