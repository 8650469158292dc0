"""What one process measures of one voice, run in one way: `python -m benchmarks.family.measure v2 int8 1`."""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import cycle

import torch

from benchmarks.family import service, voices
from benchmarks.family.baseline import ConcatenatingS1, Stepper
from benchmarks.family.clock import Timing, clocked, forget_peak, peak_mb, resident_mb
from benchmarks.family.measured import Measured
from yinse.engine.checkpoints.published.models import EndToEndModels
from yinse.engine.models.semantic.s1.decoding import StopRule, TokenPicker, decode
from yinse.engine.models.semantic.s1.sampling import SamplingControls
from yinse.engine.models.semantic.s1.state import S1Input
from yinse.engine.synthesis.published.acoustic import EndToEndStream
from yinse.engine.synthesis.published.options import PublishedOptions
from yinse.engine.synthesis.published.plan import plan
from yinse.engine.text.frontend import TextFrontend
from yinse.engine.text.published.symbols import table
from yinse.engine.voice.published.conditioning import TextFeatures

STEPS = 30
"""Tokens a round; the context grows from where a sentence begins to where it ends."""
SPEECH = 125
"""Tokens of five seconds."""
SECONDS = SPEECH / 25
TEXT = "今天天气很好，我们一起去公园走走吧，晚上再回家吃饭。"
"""About five seconds."""


@torch.inference_mode()
def token_rate(models: EndToEndModels, system: voices.System, batch: int, rounds: int) -> Measured:
    """New tokens a second, all rows of the batch together."""
    inputs = [voices.sentence(row) for row in range(batch)]
    forced = voices.tokens(STEPS, batch).unbind(1)

    def work() -> None:
        stepper: Stepper = models.s1
        if system == "concatenating":
            stepper = concatenating = ConcatenatingS1(models.s1)
            state = concatenating.prefill(inputs)[1]
        else:
            state = prefilled
        for tokens_B in forced:
            _, state = stepper.step(tokens_B, state)

    prefilled = models.s1.prefill(inputs, SPEECH)[1]
    timing = clocked(work, rounds)
    if system == "concatenating":
        timing = _without(timing, clocked(lambda: models.s1.prefill(inputs, 0), rounds))
    count = STEPS * batch
    return Measured(
        f"s1 batch {batch}", "tokens/s", count / timing.median, count / timing.best, count / timing.processor
    )


def _without(whole: Timing, part: Timing) -> Timing:
    return Timing(
        whole.median - part.median, max(whole.best - part.median, 1e-9), whole.processor - part.processor
    )


@torch.inference_mode()
def real_time_factor(models: EndToEndModels, rounds: int) -> Measured:
    """Seconds of work for a second of sound, from tokens; every round is of another length, as sentences are."""
    condition, phones = voices.condition(models), voices.sentence(0).phones_L[None]
    lengths = cycle((SPEECH, SPEECH - 4, SPEECH + 4))

    def work() -> None:
        models.s2.decode(voices.tokens(next(lengths)), phones, condition)

    timing = clocked(work, rounds)
    return Measured(
        "s2 real-time factor", "", timing.median / SECONDS, timing.best / SECONDS, timing.processor / SECONDS
    )


def _drawn(models: EndToEndModels, one: S1Input) -> Iterator[int]:
    rule = StopRule(shortest=SPEECH, longest=SPEECH)
    picker = TokenPicker(
        one.prompt_P, models.s1.end, SamplingControls(), rule, torch.Generator().manual_seed(0)
    )
    return decode(models.s1, one, picker)


def first_audio(models: EndToEndModels, rounds: int) -> Measured:
    """Milliseconds from phonemes to the first samples of a stream."""
    condition, phones = voices.condition(models), voices.sentence(0).phones_L

    def work() -> None:
        generator = torch.Generator().manual_seed(0)
        stream = EndToEndStream(models, condition, phones, PublishedOptions(), generator)
        for token in _drawn(models, voices.sentence(0)):
            if len(stream.push([token])):
                return
        raise RuntimeError("the stream held everything back")

    timing = clocked(work, rounds)
    return Measured("first audio", "ms", *(1000 * x for x in (timing.median, timing.best, timing.processor)))


def reading(features: TextFeatures, rounds: int) -> Measured:
    """Seconds in which BERT reads a sentence."""
    timing = clocked(lambda: features(TEXT), rounds)
    return Measured("BERT, a sentence", "s", timing.median, timing.best, timing.processor)


def five_seconds(models: EndToEndModels, features: TextFeatures, rounds: int) -> Measured:
    """Seconds from a Chinese text to five seconds of speech, not streamed: frontend, BERT, s1 and s2."""
    condition, frontend = voices.condition(models), TextFrontend()
    prompt = voices.sentence(0)

    def work() -> None:
        (one,) = plan(frontend.analyse(TEXT, "zh"), table("v2"), features)
        read = S1Input(
            torch.cat([prompt.phones_L, one.phones_L]),
            torch.cat([prompt.features_EL, one.features_EL], 1),
            prompt.prompt_P,
        )
        found = torch.tensor([list(_drawn(models, read))])
        with torch.inference_mode():
            models.s2.decode(found, one.phones_L[None], condition)

    timing = clocked(work, rounds)
    return Measured("5 s of Chinese, from text", "s", timing.median, timing.best, timing.processor)


def listening(version: str, rounds: int) -> list[Measured]:
    """What a new reference of five seconds costs once, the same for every way of speaking."""
    heard, found = voices.reference(), []
    who = {"HuBERT": voices.listener, "ERes2NetV2": voices.speaker_listener}
    for name in ("HuBERT", "ERes2NetV2") if version == "v2Pro" else ("HuBERT",):
        model = who[name]()
        timing = clocked(lambda model=model: model(heard), rounds)  # type: ignore[misc]
        found.append(Measured(f"{name}, a reference", "s", timing.median, timing.best, timing.processor))
    return found


def measure(version: str, system: voices.System, rounds: int) -> list[Measured]:
    """Everything of one voice. The baseline loop is timed for its tokens alone; all else is the same model."""
    models = voices.build(version, system)
    forget_peak()
    found = [token_rate(models, system, batch, rounds) for batch in (1, 4)]
    if system == "concatenating":
        return found
    features = voices.reader(system)
    forget_peak()
    found += [real_time_factor(models, rounds), first_audio(models, rounds)]
    found += [reading(features, rounds), five_seconds(models, features, rounds)]
    held, peak = resident_mb(), peak_mb()
    found += [
        Measured("memory held", "MB", held, held),
        Measured("peak memory while speaking", "MB", peak, peak),
    ]
    return found + (listening(version, rounds) if system == "int8" else [])


def main() -> None:
    """Entry of the fresh process: one JSON line on standard output."""
    parser = argparse.ArgumentParser()
    parser.add_argument("version")
    parser.add_argument("system", choices=(*voices.SYSTEMS, "service", "import"))
    parser.add_argument("threads", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.system == "service":
        found = service.measure(TEXT, options.rounds)
    elif options.system == "import":
        found = service.measure_import(TEXT)
    else:
        found = measure(options.version, options.system, options.rounds)
    sys.stdout.write(json.dumps([asdict(one) for one in found]) + "\n")


if __name__ == "__main__":
    main()
