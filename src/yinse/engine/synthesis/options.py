"""How a text is to be spoken."""

from dataclasses import dataclass

from yinse.contracts.errors import InvalidInput


def require(condition: bool, message: str) -> None:
    """Raise `InvalidInput` unless the condition holds."""
    if not condition:
        raise InvalidInput(message)


@dataclass(frozen=True, slots=True)
class SamplingOptions:
    """Drawing semantic tokens. A penalty of 1 leaves repetition alone: the pointer already forbids loops."""

    temperature: float = 0.8
    top_k: int = 25
    top_p: float = 0.9
    repetition_penalty: float = 1.0
    step_temperature: float = 0.6
    """Temperature of the durations: lower is steadier speech."""

    def __post_init__(self) -> None:
        require(0 <= self.temperature <= 2, "temperature must lie between 0 and 2")
        require(0 <= self.step_temperature <= 2, "step_temperature must lie between 0 and 2")
        require(self.top_k >= 1, "top_k must be at least 1")
        require(0 < self.top_p <= 1, "top_p must lie above 0 and up to 1")
        require(0.5 <= self.repetition_penalty <= 3, "repetition_penalty must lie between 0.5 and 3")


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """One request. `seed` fixes everything that is drawn; `diffusion` None takes what the weights prefer."""

    language: str = "auto"
    speed: float = 1.0
    seed: int = 0
    diffusion: bool | None = None
    diffusion_steps: int = 2
    flow_temperature: float = 0.7
    """Deviation of all noise that sound is drawn from; see docs/adr/0155."""
    retries: int = 2
    sampling: SamplingOptions = SamplingOptions()

    def __post_init__(self) -> None:
        require(0.25 <= self.speed <= 4.0, "speed must lie between 0.25 and 4")
        require(0 <= self.seed < 2**63, "seed must be a whole number from 0 to 2^63 - 1")
        require(1 <= self.diffusion_steps <= 1000, "diffusion_steps must lie between 1 and 1000")
        require(0 <= self.flow_temperature <= 2, "flow_temperature must lie between 0 and 2")
        require(0 <= self.retries <= 10, "retries must lie between 0 and 10")
