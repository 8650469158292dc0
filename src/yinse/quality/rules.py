"""The thresholds: which value of which measure is good enough, and what to advise where it is not.

Thresholds follow the practice of voice-cloning services where it is published and what
`benchmarks/quality_measures.py` found on real recordings, mixed and damaged by known amounts.
"""

from dataclasses import dataclass

from yinse.contracts.quality import Status

SOME_SPEECH_S = 0.5
"""Less is no speech at all."""

LEAST_SPEECH_S = 10.0
"""Seconds of speech below which no voice can be made."""

WANTED_SPEECH_S = 30.0
"""Seconds of speech from which a voice is no longer short of material."""

GOOD_MINUTE_S = 60.0
"""Seconds of speech that fill the meter."""


@dataclass(frozen=True, slots=True)
class Bound:
    """Beyond this value a check has `status` and gives the advice of that name; `refuses` rules a voice out."""

    status: Status
    advice: str
    below: float | None = None
    above: float | None = None
    refuses: bool = False

    def is_crossed(self, value: float) -> bool:
        """Whether `value` lies beyond the bound."""
        too_low = self.below is not None and value < self.below
        return too_low or (self.above is not None and value > self.above)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: its unit, the decimals shown, the points of 100 a failure costs, its bounds, worst first."""

    id: str
    unit: str
    digits: int
    points: float
    bounds: tuple[Bound, ...]

    def crossed(self, value: float | None) -> Bound | None:
        """The worst bound that `value` crosses; an unmeasured value crosses none."""
        if value is None:
            return None
        return next((bound for bound in self.bounds if bound.is_crossed(value)), None)


def _warn(advice: str, *, below: float | None = None, above: float | None = None) -> Bound:
    return Bound(Status.WARN, advice, below, above)


def _fail(advice: str, *, below: float | None = None, above: float | None = None) -> Bound:
    return Bound(Status.FAIL, advice, below, above)


def _refuse(advice: str, *, below: float | None = None, above: float | None = None) -> Bound:
    return Bound(Status.FAIL, advice, below, above, refuses=True)


RULES: tuple[Rule, ...] = (
    Rule(
        "net_speech",
        "s",
        1,
        40,
        (
            _refuse("no_speech", below=SOME_SPEECH_S),
            _refuse("speech_missing", below=LEAST_SPEECH_S),
            _warn("speech_missing", below=WANTED_SPEECH_S),
        ),
    ),
    Rule("longest_run", "s", 1, 8, (_warn("short_runs", below=5),)),
    Rule("segments", "", 0, 12, (_fail("few_segments", below=1), _warn("few_segments", below=2))),
    Rule(
        "level",
        "LUFS",
        1,
        10,
        (_fail("too_quiet", below=-50), _warn("too_quiet", below=-35), _warn("too_loud", above=-12)),
    ),
    Rule("peak", "dBTP", 1, 5, (_warn("overshoot", above=1),)),
    Rule(
        "clipping",
        "%",
        2,
        25,
        (_refuse("clipped", above=4), _fail("clipped", above=1), _warn("clipped", above=0.1)),
    ),
    Rule("saturation", "%", 0, 8, (_warn("saturated", above=18),)),
    Rule(
        "snr", "dB", 0, 30, (_refuse("drowned", below=5), _fail("noisy", below=15), _warn("noisy", below=25))
    ),
    Rule("disturbances", "%", 0, 12, (_fail("disturbed", above=30), _warn("disturbed", above=10))),
    Rule("hum", "dB", 0, 10, (_fail("hum", above=-20), _warn("hum", above=-35))),
    Rule("bandwidth", "Hz", 0, 25, (_fail("telephone", below=4250), _warn("narrow", below=7250))),
    Rule("reverberation", "s", 2, 20, (_fail("echo", above=0.9), _warn("echo", above=0.6))),
    Rule(
        "music", "%", 0, 25, (_refuse("music", above=60), _fail("music", above=40), _warn("music", above=15))
    ),
    Rule("other_speaker", "%", 0, 40, (_refuse("second_person", above=10), _warn("second_person", above=4))),
    Rule("speaking_rate", "syll/s", 1, 6, (_warn("too_slow", below=1.8), _warn("too_fast", above=7.5))),
    Rule("speech_ratio", "", 2, 5, (_warn("silences", below=0.5),)),
    Rule("pitch_spread", "st", 1, 5, (_warn("monotone", below=1.2),)),
    Rule("dropouts", "/min", 1, 15, (_fail("dropouts", above=10), _warn("dropouts", above=1))),
    Rule("codec", "%", 2, 12, (_fail("compressed", above=0.6), _warn("compressed", above=0.15))),
    Rule("gating", "dB", 0, 8, (_warn("gated", above=25),)),
    Rule("outbursts", "s/min", 1, 8, (_warn("outburst", above=1.5),)),
)

RULE_OF = {rule.id: rule for rule in RULES}
