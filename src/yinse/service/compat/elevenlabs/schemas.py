"""ElevenLabs' objects on the wire. Unknown members are ignored, as that API's clients expect."""

from typing import Annotated, Any, Literal

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


DEFAULT_FORMAT = "mp3_44100_128"
_RequestIds = Annotated[list[str], Field(max_length=3)]


class SpeechQuery(BaseModel):
    """What every speech route takes in its address."""

    output_format: str = Field(default=DEFAULT_FORMAT, max_length=32, examples=["mp3_44100_128", "pcm_24000"])
    enable_logging: bool = Field(default=True, description="false: nothing of it is kept in history")
    optimize_streaming_latency: int | None = Field(
        default=None, ge=0, le=4, description="accepted; speech streams as early as it can in any case"
    )


class Manner(BaseModel):
    """How something is to be spoken, wherever it is said: in a body, or in the first message of a socket."""

    voice_settings: VoiceSettings | None = None
    pronunciation_dictionary_locators: list[DictionaryLocator] | None = Field(default=None, max_length=3)


class TextToSpeech(Manner):
    """The body of every speech route. What stands last is checked, and changes nothing here."""

    text: str = Field(min_length=1)
    model_id: str | None = Field(default=None, max_length=64)
    language_code: str | None = Field(default=None, max_length=16)
    seed: int | None = Field(default=None, ge=0, le=2**32 - 1)
    previous_text: str | None = Field(default=None, max_length=10_000)
    next_text: str | None = Field(default=None, max_length=10_000)
    previous_request_ids: _RequestIds | None = None
    next_request_ids: _RequestIds | None = None
    use_pvc_as_ivc: bool | None = None
    apply_text_normalization: Literal["auto", "on", "off"] | None = None
    apply_language_text_normalization: bool | None = None


class Alignment(CharacterAlignment):
    """Characters in time."""


class SpeechWithTimestamps(BaseModel):
    """Audio and characters in time."""

    audio_base64: str
    alignment: Alignment | None
    normalized_alignment: Alignment | None


Quality = Literal["studio", "good", "ok", "poor", "bad"]


Category = Literal["premade", "cloned", "generated", "professional"]


class Sample(BaseModel):
    """A recording that a voice of mine is made of."""

    sample_id: str
    file_name: str
    mime_type: str
    size_bytes: int
    hash: str = Field(description="SHA-256")


class Attempt(BaseModel):
    """A consent that was read aloud."""

    text: str
    date_unix: int
    accepted: bool
    similarity: float
    levenshtein_distance: float = Field(description="0..1, of what was recognised freely")


class Verification(BaseModel):
    """Whether the speaker's consent was verified, and every attempt. A voice needs none to speak for its owner."""

    requires_verification: bool = False
    is_verified: bool = False
    verification_failures: list[str] = Field(default_factory=list)
    verification_attempts_count: int = 0
    language: str | None = None
    verification_attempts: list[Attempt] = Field(default_factory=list)


class Voice(BaseModel):
    """A voice. Samples and verification are shown to its owner alone."""

    voice_id: str
    name: str
    category: Category
    labels: dict[str, str]
    description: str
    samples: list[Sample] = Field(default_factory=list)
    settings: VoiceSettings
    sharing: dict[str, Any] | None = None
    verified_languages: list[dict[str, Any]] = Field(default_factory=list)
    voice_verification: Verification = Field(default_factory=Verification)
    preview_url: str | None = None
    is_owner: bool
    created_at_unix: int
    recording_quality: Quality | None
    recording_quality_reason: str | None
    labelling_status: str | None = None
    fine_tuning: dict[str, Any] = Field(default_factory=dict)


class Voices(BaseModel):
    """Every voice."""

    voices: list[Voice]


class VoicesPage(Voices):
    """A page of what was found."""

    has_more: bool
    total_count: int = Field(description="0 unless it was asked for")
    next_page_token: str | None


VoiceType = Literal["personal", "community", "default", "workspace", "non-default", "non-community", "saved"]


class VoiceQuery(BaseModel):
    """Which voices, in which order, and how many of them."""

    next_page_token: str | None = Field(default=None, max_length=128)
    page_size: int = Field(default=10, ge=1, le=100)
    search: str | None = Field(default=None, max_length=100)
    sort: Literal["created_at_unix", "name"] | None = None
    sort_direction: Literal["asc", "desc"] | None = None
    voice_type: VoiceType | None = None
    category: Category | None = None
    fine_tuning_state: str | None = Field(default=None, max_length=32, description="no voice here has one")
    collection_id: str | None = Field(
        default=None, max_length=64, description="there are no collections here"
    )
    include_total_count: bool = True
    voice_ids: list[str] | None = Field(default=None, max_length=100)


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
    digits = all(number.isascii() and number.isdigit() for number in numbers)
    if not numbers or len(numbers) > 2 or not digits:
        raise InvalidInput(f"There is no output format {name[:32]!r}.")
    rate = int(numbers[0])
    bit_rate = int(numbers[1]) * 1000 if len(numbers) == 2 else None
    return format_of(codec, rate, bit_rate)


def socket_members(problem: Any) -> dict[str, Any]:
    """How they read an error that comes over a socket."""
    return {"error": problem.code, "message": problem.detail, "code": problem.status}


def error_members(problem: Any) -> dict[str, Any]:
    """How ElevenLabs' clients read an error, beside the problem document."""
    return {"detail": {"status": problem.code, "message": problem.detail}, "message": problem.detail}
