"""Ceilings and floors: every ruler held against real speech before it is held against ours."""

from collections.abc import Iterator, Sequence

import numpy as np

from benchmarks.voice import likeness, sentences
from benchmarks.voice.fidelity import drowned, fidelity
from benchmarks.voice.identification import Identification, dictionary_words, identify
from benchmarks.voice.sounds import pieces_of
from benchmarks.voice.speech import SpeechData, Utterance
from benchmarks.voice.table import FLOOR, NATURAL, Row
from benchmarks.voice.templates import match
from yinse.engine.audio.waveform import Waveform

SENTENCES = 60
PIECE_SECONDS = 4.0
"""Length of a piece of natural speech in the likeness trials: about that of a spoken sentence."""


def intelligibility(data: SpeechData, count: int = SENTENCES) -> Iterator[Row]:
    """Sentence identification of natural speech: well-known collections, then the unseen sentences."""
    for detail, language, chosen in collections(data, count):
        choices = sentences.with_distractors([u.text for u in chosen], language, count)
        heard = identify(data.read(chosen), choices, language)
        yield from identification_rows(heard, language, NATURAL, f"{detail}, one of {len(choices)}")


def collections(data: SpeechData, count: int) -> Iterator[tuple[str, str, list[Utterance]]]:
    """Name, language and recordings of each natural set; the texts of a set differ in sound."""
    words = dictionary_words()
    for source, language, detail in (
        ("librispeech_251_speakers", "en", "LibriSpeech, a speaker a sentence"),
        ("cmu_arctic_bdl_slt", "en", "ARCTIC"),
        ("aishell_sample", "zh", "AISHELL"),
    ):
        recorded = [u for u in sentences.shuffled(data.utterances) if u.source == source and u.seconds <= 12]
        yield detail, language, sentences.distinct(recorded, language, words)[:count]
    for language in ("en", "zh"):
        yield "unseen sentences", language, sentences.unseen(data, language, words, count)


def identification_rows(heard: Identification, language: str, subject: str, detail: str) -> Iterator[Row]:
    """Accuracy and floor of one set, by the grammar."""
    yield Row("intelligibility", "sentence identified", language, subject, heard.accuracy, "%", detail)
    yield Row("intelligibility", "sentence identified", language, FLOOR, heard.floor, "%", detail)


def japanese_reference(count: int = SENTENCES) -> Iterator[Row]:
    """OpenJTalk's own voice on the written sentences: no natural Japanese is at hand."""
    import pyopenjtalk

    texts = sentences.written("ja")[:count]
    voiced = (pyopenjtalk.tts(text) for text in texts)
    spoken = [Waveform((samples / 32768).astype(np.float32), rate) for samples, rate in voiced]
    heard = identify(spoken, texts, "ja")
    yield from identification_rows(heard, "ja", "OpenJTalk", f"written sentences, one of {len(texts)}")


def template_matching(data: SpeechData, count: int = SENTENCES) -> Iterator[Row]:
    """The language-free ruler across speakers: ARCTIC sentences by a man held against the same by a woman."""
    of = {speaker: _by_text(data, speaker) for speaker in ("arctic_bdl", "arctic_slt")}
    texts = [text for text in of["arctic_bdl"] if text in of["arctic_slt"]][:count]
    said, templates = (data.read([of[speaker][text] for text in texts]) for speaker in of)
    heard = match(said, templates)
    detail = f"ARCTIC, man against woman, one of {len(texts)}"
    yield Row("intelligibility", "sentence matched by template", "en", NATURAL, heard.accuracy, "%", detail)
    yield Row("intelligibility", "sentence matched by template", "en", FLOOR, heard.floor, "%", detail)


def _by_text(data: SpeechData, speaker: str) -> dict[str, Utterance]:
    return {u.text: u for u in sentences.shuffled(data.utterances) if u.speaker == speaker}


def identity(data: SpeechData, people: Sequence[sentences.Stranger], embed: likeness.Embed) -> Iterator[Row]:
    """Natural recordings of strangers: told apart by the independent encoder."""
    enrolled = likeness.enrol({p.name: data.read(p.enrol) for p in people}, embed)
    pieces = {p.name: pieces_of(data.read(p.test), PIECE_SECONDS) for p in people}
    yield from likeness_rows(likeness.compare(pieces, enrolled, embed), NATURAL, f"{len(people)} strangers")


def likeness_rows(result: likeness.Likeness, subject: str, detail: str) -> Iterator[Row]:
    """Identification, cosine to one's own voice and, as the floor, to the voices of others."""
    yield Row("likeness", "speaker identified", "en", subject, result.top1, "%", detail)
    yield Row("likeness", "cosine", "en", subject, result.cosine, "", detail)
    yield Row(
        "likeness", "cosine", "en", FLOOR, result.wrong_speaker, "", f"{detail}, {subject} against others"
    )


def signal_ends(data: SpeechData, chosen: Sequence[Utterance]) -> Iterator[Row]:
    """The signal measures at their ends: a recording against itself, and under noise of equal power."""
    originals = data.read(chosen)
    for subject, result in (
        (NATURAL, fidelity(originals, lambda waveform: waveform)),
        (FLOOR, fidelity(originals, drowned)),
    ):
        yield Row("signal", "PESQ", "en", subject, result.pesq, "", "strangers")
        yield Row("signal", "STOI", "en", subject, result.stoi, "", "strangers")
        yield Row("signal", "echo", "en", subject, result.echo, "dB", "strangers")
