"""A system held against the rulers: the same sentences and strangers as natural speech, row by row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from benchmarks.voice import likeness, natural, sentences
from benchmarks.voice.fidelity import fidelity
from benchmarks.voice.identification import dictionary_words, identify
from benchmarks.voice.phonemes import transcribe
from benchmarks.voice.sentences import Stranger
from benchmarks.voice.speech import SpeechData, Utterance
from benchmarks.voice.system import Recording, System, Voice
from benchmarks.voice.table import FLOOR, NATURAL, Row
from benchmarks.voice.templates import match
from yinse.engine.audio.waveform import Waveform

LIKENESS_SENTENCES = 4
"""Sentences every stranger's voice speaks."""


@dataclass(frozen=True, slots=True)
class Script:
    """Texts to speak, with natural recordings of the same texts where there are any."""

    detail: str
    language: str
    texts: tuple[str, ...]
    recordings: tuple[Utterance, ...] = ()


def scripts(data: SpeechData, count: int) -> list[Script]:
    """Unseen sentences with recordings (en, zh) and the written ones (en, zh, ja)."""
    recorded = [
        (language, tuple(sentences.unseen(data, language, dictionary_words(), count)))
        for language in ("en", "zh")
    ]
    return [
        *(Script("unseen sentences", lang, tuple(u.text for u in rows), rows) for lang, rows in recorded),
        *(
            Script("written sentences", lang, tuple(sentences.written(lang)[:count]))
            for lang in ("en", "zh", "ja")
        ),
    ]


class Bench:
    """One system and the voices it made of the strangers."""

    def __init__(self, system: System, data: SpeechData, people: Sequence[Stranger]) -> None:
        self.system, self.data, self.people = system, data, people
        self.voices = {person.name: system.enrol(self._enrolment(person)) for person in people}

    def _enrolment(self, person: Stranger) -> list[Recording]:
        waveforms = self.data.read(person.enrol)
        return [
            Recording(waveform, utterance.text, utterance.language)
            for waveform, utterance in zip(waveforms, person.enrol, strict=True)
        ]

    def adapted(self) -> "Bench":
        """The same bench after fine-tuning every voice on its own minute."""
        adapt = self.system.adapt
        if adapt is None:
            raise ValueError(f"{self.system.name} cannot adapt")
        other = object.__new__(Bench)
        other.system = replace(self.system, name=f"{self.system.name}, adapted")
        other.data, other.people = self.data, self.people
        other.voices = {p.name: adapt(self.voices[p.name], self._enrolment(p)) for p in self.people}
        return other

    def say(self, texts: Sequence[str], language: str) -> list[Waveform]:
        """Speak every text, the strangers taking turns."""
        voices = list(self.voices.values())
        return [self.system.speak(text, language, voices[i % len(voices)], i) for i, text in enumerate(texts)]

    def intelligibility(self, count: int) -> Iterator[Row]:
        """Every script spoken, then heard by the grammar, by template and by our own recogniser."""
        for script in scripts(self.data, count):
            spoken = self.say(script.texts, script.language)
            yield from self._heard(script, spoken, count)

    def _heard(self, script: Script, spoken: Sequence[Waveform], count: int) -> Iterator[Row]:
        name, language = self.system.name, script.language
        choices = sentences.with_distractors(script.texts, language, count)
        heard = identify(spoken, choices, language)
        yield from natural.identification_rows(
            heard, language, name, f"{script.detail}, one of {len(choices)}"
        )
        recorded = self.data.read(script.recordings)
        if recorded:
            matched = match(spoken, recorded)
            detail = f"{script.detail}, synthetic against natural, one of {len(spoken)}"
            yield Row(
                "intelligibility",
                "sentence matched by template",
                language,
                name,
                matched.accuracy,
                "%",
                detail,
            )
        yield from self._phoneme_errors(script, spoken, recorded)

    def _phoneme_errors(
        self, script: Script, spoken: Sequence[Waveform], recorded: Sequence[Waveform]
    ) -> Iterator[Row]:
        recognise, phonemise = self.system.recognise, self.system.phonemise
        if recognise is None or phonemise is None:
            return
        for subject, waveforms in ((self.system.name, spoken), (NATURAL, recorded)):
            if waveforms:
                heard = transcribe(waveforms, script.texts, script.language, recognise, phonemise)
                for measure, who, figure in (
                    ("phoneme error (our CTC)", subject, heard.error_rate),
                    ("phoneme error without tone and stress (our CTC)", subject, heard.toneless_error_rate),
                    ("phoneme error (our CTC)", FLOOR, heard.floor),
                ):
                    if who != FLOOR or subject != NATURAL:
                        yield Row(
                            "intelligibility", measure, script.language, who, figure, "%", script.detail
                        )

    def likeness(self, embed: likeness.Embed) -> Iterator[Row]:
        """Each stranger's voice speaks a few sentences in the stranger's language."""
        enrolled = likeness.enrol({p.name: self.data.read(p.enrol) for p in self.people}, embed)
        pieces = {p.name: self._pieces(p, self.voices[p.name]) for p in self.people}
        result = likeness.compare(pieces, enrolled, embed)
        yield from natural.likeness_rows(result, self.system.name, f"{len(self.people)} strangers")

    def _pieces(self, person: Stranger, voice: Voice) -> list[Waveform]:
        texts = sentences.written(person.language)[:LIKENESS_SENTENCES]
        return [self.system.speak(text, person.language, voice, i) for i, text in enumerate(texts)]

    def signal(self, chosen: Sequence[Utterance]) -> Iterator[Row]:
        """Every way through parts of the system, against the originals."""
        originals = self.data.read(chosen)
        ways: Mapping[str, object] = self.system.resyntheses or {}
        for way in ways:
            result = fidelity(originals, (self.system.resyntheses or {})[way])
            subject = f"{self.system.name}, {way}"
            yield Row("signal", "PESQ", "en", subject, result.pesq, "", "strangers")
            yield Row("signal", "STOI", "en", subject, result.stoi, "", "strangers")
            yield Row("signal", "echo", "en", subject, result.echo, "dB", "strangers")
