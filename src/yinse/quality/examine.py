"""The recording check: a whole recording, or one that is being made."""

from yinse.contracts.errors import InvalidInput
from yinse.contracts.quality import QualityReport
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.quality.gate import judge
from yinse.quality.observe.observer import Observation, Observer
from yinse.quality.observe.voices import SpeakerRuler
from yinse.quality.readings import read
from yinse.quality.segments import usable_segments

LONGEST_SECONDS = 600.0
"""What `LiveExaminer` takes by default; it holds about 60 kB a second."""


def examine(waveform: Waveform, ruler: SpeakerRuler | None = None) -> QualityReport:
    """Judge a whole recording; `ruler` adds the check for a second person."""
    examiner = LiveExaminer(waveform.rate, ruler, longest_seconds=float("inf"))
    examiner.push(waveform.samples)
    return examiner.finish()


def judged(observation: Observation) -> QualityReport:
    """Judge what has been observed."""
    readings = read(observation)
    return judge(readings, usable_segments(observation, readings), observation.seconds)


class LiveExaminer:
    """Judges a recording while it is made: `push` what the microphone gives, ask `report` at any time.

    However the samples are cut, `finish` gives the report of `examine`. A report in between lacks what is still
    in the filters and the speech detector, less than a tenth of a second.
    """

    def __init__(
        self, rate: int, ruler: SpeakerRuler | None = None, *, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._observer = Observer(rate, ruler)
        self._longest_seconds = longest_seconds

    @property
    def seconds(self) -> float:
        """How much has been heard."""
        return self._observer.seconds

    def push(self, samples: Samples) -> None:
        """Take mono float32 samples (T,) at the examiner's rate.

        Raises `InvalidInput` (code `audio_too_long`) beyond `longest_seconds`; nothing of this push is taken.
        """
        if self.seconds + len(samples) / self._observer.rate > self._longest_seconds:
            minutes = f"{self._longest_seconds / 60:g}"
            raise InvalidInput(f"The recording is longer than {minutes} minutes.", code="audio_too_long")
        self._observer.push(samples)

    def report(self) -> QualityReport:
        """Judge what has been heard so far."""
        return judged(self._observer.observation())

    def finish(self) -> QualityReport:
        """Judge the whole recording. Nothing may be pushed afterwards."""
        self._observer.finish()
        return self.report()
