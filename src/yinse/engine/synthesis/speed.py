"""How fast, how soon, how much memory: what a request costs on this machine, stage by stage.

Every setting runs in a fresh process, so that its memory and its threads are its own, and speaks as a service does: tokens
are drawn by compiled code.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final, cast

from yinse.engine.synthesis.options import SpeechOptions
from yinse.engine.synthesis.result import AudioPiece
from yinse.engine.synthesis.synthesizer import StreamMeter, Synthesizer
from yinse.engine.voice.home import VoiceHome
from yinse.engine.voice.prompt import VoicePrompt

if TYPE_CHECKING:
    from yinse.engine.text.frontend import TextFrontend

SENTENCES: Final = (
    "会议改到了星期四下午，所以我们还有两天时间把报告写完。",
    "The meeting has moved to Thursday afternoon, so we have two more days to finish the report.",
    "会議は木曜日の午後に変わったので、報告書を仕上げる時間があと二日あります。",
)
_SECONDS_A_ROUND: Final = 15.0
"""What one round of the sentences takes to say, roughly."""
STAGES: Final = ("text", "semantic", "condition", "prior", "decoder", "listening")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is measured: a voice, CPU threads, and the steps of the diffusion prior (None: the flow prior)."""

    voice: str
    threads: int
    diffusion_steps: int | None

    @property
    def prior(self) -> str:
        """The prior in words."""
        steps = self.diffusion_steps
        return "flow" if steps is None else f"diffusion, {steps} step{'s' * (steps > 1)}"


@dataclass(frozen=True, slots=True)
class Utterance:
    """One sentence spoken as a stream: seconds until its first audio, in all, of audio, and within each stage."""

    first_audio_s: float
    compute_s: float
    audio_s: float
    stages: dict[str, float]


@dataclass(frozen=True, slots=True)
class Measurement:
    """What one process measured: seconds to load, largest resident memory in MiB, and every utterance."""

    setting: Setting
    load_s: float
    peak_mib: float
    utterances: tuple[Utterance, ...]

    @property
    def rtf(self) -> float:
        """Real-time factor: seconds of computation per second of audio, over all utterances."""
        return sum(one.compute_s for one in self.utterances) / self._audio_s

    @property
    def first_audio_ms(self) -> tuple[float, float]:
        """Median and longest time to the first audio, in milliseconds."""
        ordered = sorted(1000 * one.first_audio_s for one in self.utterances)
        return ordered[len(ordered) // 2], ordered[-1]

    def stage_rtf(self, stage: str) -> float:
        """Real-time factor of one stage."""
        return sum(one.stages[stage] for one in self.utterances) / self._audio_s

    @property
    def other_rtf(self) -> float:
        """Real-time factor of what lies between the stages: sampling, copying, scoring."""
        return self.rtf - sum(self.stage_rtf(stage) for stage in STAGES)

    @property
    def _audio_s(self) -> float:
        return sum(one.audio_s for one in self.utterances)


def measure(setting: Setting, *, repeats: int = 3, sentences: Sequence[str] = SENTENCES) -> Measurement:
    """Measure one setting in a fresh process; the first round of sentences warms up and is not counted."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure_here, setting, repeats, tuple(sentences)).result()


def measure_here(setting: Setting, repeats: int, sentences: Sequence[str]) -> Measurement:
    """The same in this process."""
    start = time.perf_counter()
    synthesizer, voice = _loaded(setting)
    load_s = time.perf_counter() - start
    for text in sentences:
        _spoken(synthesizer, voice, text, _options(setting, seed=0))
    utterances = tuple(
        _spoken(synthesizer, voice, text, _options(setting, seed=seed))
        for seed in range(1, repeats + 1)
        for text in sentences
    )
    return Measurement(setting, load_s, peak_memory_mib(), utterances)


def _loaded(setting: Setting) -> tuple[Synthesizer, VoicePrompt]:
    import torch

    torch.set_num_threads(setting.threads)
    home = VoiceHome()
    voice = home.load(setting.voice).prompt
    return Synthesizer.load(adapter=home.adapter(setting.voice), compiled=True), voice


def _options(setting: Setting, *, seed: int) -> SpeechOptions:
    steps = setting.diffusion_steps
    return SpeechOptions(seed=seed, diffusion=steps is not None, diffusion_steps=steps or 1)


def _spoken(synthesizer: Synthesizer, voice: VoicePrompt, text: str, options: SpeechOptions) -> Utterance:
    """Speak one sentence as a stream, and clock it."""
    watch = _Watch()
    with watch.on(synthesizer):
        meter = StreamMeter(options.seed, synthesizer.rate)
        for event in synthesizer.stream(text, voice, options):
            meter.see(event)
        report = meter.report()
    return Utterance(report.first_audio_ms / 1000, report.compute_s, report.audio_s, watch.seconds)


def follow_memory(setting: Setting, minutes: float) -> tuple[tuple[float, float], ...]:
    """Stream one long script in a fresh process: (minutes spoken, resident MiB) after every minute of audio."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(follow_memory_here, setting, minutes).result()


def follow_memory_here(
    setting: Setting, minutes: float, every: float = 1.0
) -> tuple[tuple[float, float], ...]:
    """The same in this process, after every `every` minutes."""
    synthesizer, voice = _loaded(setting)
    script = " ".join(SENTENCES) * max(1, round(minutes * 60 / _SECONDS_A_ROUND))
    seen: list[tuple[float, float]] = []
    samples = 0
    for event in synthesizer.stream(script, voice, _options(setting, seed=1)):
        if isinstance(event, AudioPiece):
            samples += len(event.samples)
        spoken = samples / synthesizer.rate / 60
        if spoken >= every * (len(seen) + 1):
            seen.append((spoken, resident_memory_mib()))
    return tuple(seen)


def resident_memory_mib() -> float:
    """Memory of this process now, in MiB; 0 where the system does not tell (it does on Linux)."""
    status = Path("/proc/self/status")
    return _mib(status, "VmRSS") if status.exists() else 0.0


def peak_memory_mib() -> float:
    """Largest resident memory of this process so far, in MiB.

    Linux tells it per program image; elsewhere the kernel's figure may count what was inherited from the parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        return _mib(status, "VmHWM")
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 1024)


def _mib(status: Path, field: str) -> float:
    line = next(line for line in status.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


class _Watch:
    """Adds up the seconds spent in each stage of a synthesiser while it is `on`."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(STAGES, 0.0)

    @contextmanager
    def on(self, synthesizer: Synthesizer) -> Iterator[None]:
        """Wrap the methods that do the work of each stage, on these objects and for this block only."""
        models = synthesizer.models
        prior = models.acoustic.diffusion_prior
        owners: list[tuple[str, Any, tuple[str, ...]]] = [
            ("semantic", models.semantic, ("start", "step", "token_logits")),
            ("condition", models.acoustic.condition, ("remember", "stream")),
            ("prior", models.acoustic.flow_prior, ("stream",)),
            ("decoder", models.decoder, ("stream",)),
            ("listening", models.content, ("forward",)),
            *([("prior", prior, ("sample",))] if prior is not None else []),
        ]
        with ExitStack() as stack:
            stack.enter_context(self._frontend(synthesizer))
            for stage, owner, methods in owners:
                for method in methods:
                    stack.enter_context(self._method(stage, owner, method))
            yield

    @contextmanager
    def _frontend(self, synthesizer: Synthesizer) -> Iterator[None]:
        frontend = synthesizer.frontend
        timed = SimpleNamespace(analyse=self._timed("text", frontend.analyse))
        synthesizer.frontend = cast("TextFrontend", timed)
        try:
            yield
        finally:
            synthesizer.frontend = frontend

    @contextmanager
    def _method(self, stage: str, owner: Any, method: str) -> Iterator[None]:
        setattr(owner, method, self._timed(stage, getattr(owner, method)))
        try:
            yield
        finally:
            delattr(owner, method)

    def _timed(self, stage: str, plain: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            try:
                return plain(*arguments, **options)
            finally:
                self.seconds[stage] += time.perf_counter() - start

        return timed
