"""Whether the tokens of a sentence can be its reading, judged by the tokens alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PACE: Final = (0.6, 9.0)
"""Plausible tokens (40 ms) per phoneme."""
LONGEST_CYCLE: Final = 6
LOOPING: Final = 24
"""Tokens that repeat a short cycle for a second are a loop."""


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """`pace` tokens per phoneme; `looped` a cycle that repeats too long; `ended` by itself, not by the limit."""

    pace: float
    looped: bool
    ended: bool

    @property
    def value(self) -> float:
        """0 (useless) to 1; what retries compare."""
        plausible = PACE[0] <= self.pace <= PACE[1]
        return (0.5 if plausible else 0.1) + 0.25 * (not self.looped) + 0.25 * self.ended

    @property
    def accepted(self) -> bool:
        """Whether another try is not needed."""
        return self.value >= 1.0


def check_tokens(tokens: Sequence[int], phonemes: int, longest: int) -> TokenCheck:
    """Judge the tokens of a sentence of so many phonemes, decoded with a limit of `longest`."""
    return TokenCheck(len(tokens) / max(1, phonemes), _loops(tokens), len(tokens) < longest)


def _loops(tokens: Sequence[int]) -> bool:
    for period in range(1, LONGEST_CYCLE + 1):
        run = 0
        for index in range(period, len(tokens)):
            run = run + 1 if tokens[index] == tokens[index - period] else 0
            if run >= LOOPING:
                return True
    return False
