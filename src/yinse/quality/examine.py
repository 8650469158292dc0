"""The recording check: a whole recording, or one that is being made."""

from collections.abc import Sequence

from yinse.contracts.errors import InvalidInput
from yinse.contracts.quality import QualityReport, Span
from yinse.engine.audio.waveform import Samples, Waveform
from yinse.quality.gate import judge, with_too_few_samples
from yinse.quality.measures.speech import net_speech_s
from yinse.quality.observe.observer import Observation, Observer, observe
from yinse.quality.observe.voices import Embedding, SpeakerRuler, Stretch
from yinse.quality.readings import read
from yinse.quality.segments import usable_segments

LONGEST_SECONDS = 600.0
"""What `LiveExaminer` takes by default; it holds about 60 kB a second."""


def examine(waveform: Waveform, ruler: SpeakerRuler | None = None, *, lowest_rate: int = 0) -> QualityReport:
    """Judge a whole recording; `ruler` adds the check for a second person.

    `lowest_rate` is the least sample rate in Hz that enrolment takes: below it nothing can be cloned.
    """
    report = judged(observe(waveform, ruler))
    return with_too_few_samples(report) if waveform.rate < lowest_rate else report


def examine_together(
    waveforms: Sequence[Waveform], ruler: SpeakerRuler | None = None
) -> tuple[QualityReport, ...]:
    """Judge recordings that are to make one voice: each by itself, but the amount of speech by all of them."""
    observations = [observe(waveform, ruler) for waveform in waveforms]
    speech = [net_speech_s(observation) for observation in observations]
    return tuple(
        judged(observation, further_speech_s=sum(speech) - own)
        for observation, own in zip(observations, speech, strict=True)
    )


def judged(observation: Observation, *, further_speech_s: float = 0.0) -> QualityReport:
    """Judge what has been observed."""
    readings = read(observation)
    segments = usable_segments(observation, readings)
    return judge(readings, segments, observation.seconds, further_speech_s=further_speech_s)


class LiveExaminer:
    """Judges a recording while it is made: `push` what the microphone gives, ask `report` at any time.

    However the samples are cut, `finish` gives the report of `examine`. A report in between lacks what is still
    in the filters and the speech detector, less than a tenth of a second.

    With `different_below`, the likeness below which its encoder hears two people, it also tells of a second person, as
    far as it was told the embeddings of its `stretches`. A speaker encoder may be slow or far away; no report waits for it.
    """

    def __init__(
        self, rate: int, different_below: float | None = None, *, longest_seconds: float = LONGEST_SECONDS
    ) -> None:
        self._observer = Observer(rate, different_below)
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

    def stretches(self) -> list[Stretch]:
        """Speech to embed, of what was pushed since they were last asked for; take them, or they stay in memory."""
        return self._observer.stretches()

    def tell(self, span: Span, embedding: Embedding) -> None:
        """Take the embedding (D,) of a stretch, in the order of the stretches; some may be left out."""
        self._observer.tell(span, embedding)

    def report(self) -> QualityReport:
        """Judge what has been heard so far."""
        return judged(self._observer.observation())

    def finish(self) -> QualityReport:
        """Judge the whole recording. Nothing may be pushed afterwards."""
        self._observer.finish()
        return self.report()
