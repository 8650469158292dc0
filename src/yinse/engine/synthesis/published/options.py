"""How a published voice is to speak."""

from dataclasses import dataclass, field

from yinse.engine.models.semantic.s1.sampling import SamplingControls
from yinse.engine.synthesis.options import SpeechOptions, require


@dataclass(frozen=True, slots=True)
class PublishedOptions:
    """One request. `seed` fixes everything that is drawn."""

    language: str = "auto"
    speed: float = 1.0
    seed: int = 0
    steps: int | None = None
    """Steps of the flow; None for what the version usually takes (v3 32, v4 8). Other versions have no flow."""
    guidance: float = 0.0
    noise_scale: float = 0.5
    pause: float = 0.3
    """Seconds of silence between sentences."""
    retries: int = 2
    compat: bool = False
    """Behave as the published code where that changes the sound: its limits, no retries, one source of chance."""
    sampling: SamplingControls = field(default_factory=SamplingControls)

    def __post_init__(self) -> None:
        require(0.5 <= self.speed <= 2.0, "speed must lie between 0.5 and 2")
        require(0 <= self.seed < 2**63, "seed must be a whole number from 0 to 2^63 - 1")
        require(self.steps is None or 1 <= self.steps <= 128, "steps must lie between 1 and 128")
        require(0 <= self.guidance <= 10, "guidance must lie between 0 and 10")
        require(0 <= self.noise_scale <= 2, "noise_scale must lie between 0 and 2")
        require(0 <= self.pause <= 10, "pause must lie between 0 and 10 s")
        require(0 <= self.retries <= 10, "retries must lie between 0 and 10")
        sampling = self.sampling
        require(sampling.top_k is None or sampling.top_k >= 1, "top_k must be at least 1")
        require(0 < sampling.top_p <= 1, "top_p must lie above 0 and up to 1")
        require(0 <= sampling.temperature <= 2, "temperature must lie between 0 and 2")
        require(0.5 <= sampling.repetition_penalty <= 3, "repetition_penalty must lie between 0.5 and 3")

    @classmethod
    def of(cls, options: "SpeechOptions | PublishedOptions") -> "PublishedOptions":
        """A request as it is, or one to the base voice as far as it means something here."""
        if isinstance(options, PublishedOptions):
            return options
        return cls(language=options.language, speed=options.speed, seed=options.seed, retries=options.retries)
