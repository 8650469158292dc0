"""What the family's speed is held against: the published code, and the aims set for ours."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Aim:
    """A figure of ours with 8-bit weights, what it should reach, and what is known of others."""

    quantity: str
    unit: str
    bound: float | None
    """None where nothing was aimed at."""
    upwards: bool
    published: str
    """What the published code was measured to take on two cores under load: earlier, not by this command."""

    def words(self) -> str:
        """The bound, as people write it."""
        if self.bound is None:
            return ""
        return f"{'at least' if self.upwards else 'below'} {self.bound:g}"

    def met(self, value: float) -> bool | None:
        """Whether a value reaches the bound; None where there is none."""
        if self.bound is None:
            return None
        return value >= self.bound if self.upwards else value < self.bound


AIMS: Final = (
    Aim("s1 batch 1", "tokens/s", 100, True, "19-23"),
    Aim("s1 batch 4", "tokens/s", 250, True, ""),
    Aim("s2 real-time factor", "", 0.3, False, "0.57 (v2)"),
    Aim("5 s of Chinese, from text", "s", 4, False, ""),
    Aim("BERT, a sentence", "s", None, False, "0.44-1.0"),
    Aim("HuBERT, a reference", "s", None, False, "1.0"),
    Aim("service memory", "MB", 1500, False, ""),
    Aim("service memory, peak", "MB", 1500, False, ""),
    Aim("import, peak", "MB", 2000, False, ""),
)
