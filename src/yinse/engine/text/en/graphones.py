"""The model for English words that no dictionary lists: a joint n-gram over graphones.

A graphone pairs one or two letters with up to two phones (Bisani and Ney, "Joint-sequence models for
grapheme-to-phoneme conversion", 2008). The most probable sequence of graphones that spells the word is its
pronunciation, stress included. The n-grams (Kneser-Ney, back-off form) lie in a trie of flat arrays;
`train_graphones.py` makes the file.
"""

import io
from array import array
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

import numpy as np
import numpy.typing as npt

from yinse.engine.text.tables import read_bytes

BEAM: Final = 24
BEAM_WIDTH: Final = 7.0
"""Hypotheses whose log probability lies further below the best are dropped before the beam is full."""
MODEL_FILE: Final = "en_graphones.npz.gz"
START, END = 0, 1
PROBABILITY_STEP: Final = 0.05
"""Log probabilities are stored as multiples of this, in one byte, negated."""


@dataclass(frozen=True, slots=True)
class Graphone:
    """Letters and the phones they stand for (none for a silent letter)."""

    letters: str
    phones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    """The n-grams of one order, sorted by (parent, token); children of node i are [first[i], first[i + 1])."""

    tokens: "array[int]"
    scores: npt.NDArray[np.uint8]
    backoffs: npt.NDArray[np.uint8]
    first: "array[int]"


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    score: float
    contexts: tuple[int, ...]
    """Trie node of the 0, 1, 2 ... tokens before the last, as far as the trie knows them."""
    token: int
    """The last token; the contexts grow by it only if the hypothesis survives."""
    phones: tuple[str, ...]


class GraphoneModel:
    """Pronounces a word from its letters."""

    def __init__(self, graphones: list[Graphone], levels: list[Level]) -> None:
        self._graphones = graphones
        self._levels = levels
        self._by_letters: dict[str, list[int]] = {}
        for index, graphone in enumerate(graphones):
            self._by_letters.setdefault(graphone.letters, []).append(index)

    def pronounce(self, word: str) -> tuple[str, ...]:
        """ARPAbet phones of a lower-case word of a-z and apostrophes; letters the model never saw are silent."""
        beams: list[list[_Hypothesis]] = [[] for _ in range(len(word) + 1)]
        beams[0] = [_Hypothesis(0.0, (0,), START, ())]
        for position in range(len(word)):
            self._extend(word, position, _survivors(beams[position]), beams)
        return self._best(_survivors(beams[len(word)]))

    def _extend(
        self, word: str, position: int, beam: list[_Hypothesis], beams: list[list[_Hypothesis]]
    ) -> None:
        """Grow every hypothesis by each graphone that spells what comes next; skip a letter that none spells."""
        choices = [
            (position + length, token)
            for length in (1, 2)
            for token in self._by_letters.get(word[position : position + length], ())
            if position + length <= len(word)
        ]
        if not choices:
            beams[position + 1].extend(beam)
            return
        for hypothesis in beam:
            contexts = self._advance(hypothesis.contexts, hypothesis.token)
            for end, token in choices:
                score = hypothesis.score + self._score(contexts, token)
                phones = hypothesis.phones + self._graphones[token].phones
                beams[end].append(_Hypothesis(score, contexts, token, phones))

    def _best(self, beam: list[_Hypothesis]) -> tuple[str, ...]:
        """Sum the probability of hypotheses that sound the same, and take the most probable sound."""
        total: dict[tuple[str, ...], float] = {}
        for hypothesis in beam:
            contexts = self._advance(hypothesis.contexts, hypothesis.token)
            score = hypothesis.score + self._score(contexts, END)
            total[hypothesis.phones] = float(np.logaddexp(total.get(hypothesis.phones, -np.inf), score))
        return max(total, key=lambda phones: total[phones], default=())

    def _child(self, order: int, node: int, token: int) -> int:
        """Index in level `order` of the child `token` of `node` in the level above it, -1 when there is none."""
        level = self._levels[order]
        start, end = (
            (0, len(level.tokens))
            if order == 0
            else (self._levels[order - 1].first[node], self._levels[order - 1].first[node + 1])
        )
        index = bisect_left(level.tokens, token, start, end)
        return index if index < end and level.tokens[index] == token else -1

    def _score(self, contexts: tuple[int, ...], token: int) -> float:
        """Log probability of `token` after the longest known context, backing off to shorter ones."""
        penalty = 0.0
        for order in range(len(contexts) - 1, -1, -1):
            node = contexts[order]
            child = self._child(order, node, token) if order < len(self._levels) else -1
            if child >= 0:
                return penalty - float(self._levels[order].scores[child]) * PROBABILITY_STEP
            if order:
                penalty -= float(self._levels[order - 1].backoffs[node]) * PROBABILITY_STEP
        return penalty - 255 * PROBABILITY_STEP

    def _advance(self, contexts: tuple[int, ...], token: int) -> tuple[int, ...]:
        """Contexts after `token`: each known context grown by it."""
        grown = [0]
        for order, node in enumerate(contexts):
            if order + 1 >= len(self._levels):
                break
            child = self._child(order, node, token)
            if child < 0:
                break
            grown.append(child)
        return tuple(grown)


def _survivors(beam: list[_Hypothesis]) -> list[_Hypothesis]:
    """The best hypotheses, best first."""
    ordered = sorted(beam, key=lambda hypothesis: -hypothesis.score)[:BEAM]
    return [hypothesis for hypothesis in ordered if hypothesis.score >= ordered[0].score - BEAM_WIDTH]


def pack(graphones: list[Graphone], levels: list[Level]) -> bytes:
    """Serialise a model; the inverse of `unpack`."""
    names = "\n".join(f"{graphone.letters} {' '.join(graphone.phones)}".strip() for graphone in graphones)
    arrays: dict[str, npt.NDArray[np.generic]] = {"graphones": np.frombuffer(names.encode("ascii"), np.uint8)}
    for order, level in enumerate(levels):
        arrays[f"tokens{order}"] = np.asarray(level.tokens, np.uint16)
        arrays[f"scores{order}"] = level.scores
        arrays[f"backoffs{order}"] = level.backoffs
        arrays[f"children{order}"] = np.diff(np.asarray(level.first, np.int64)).astype(np.uint16)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def unpack(packed: bytes) -> GraphoneModel:
    """Load a model that `pack` wrote."""
    with np.load(io.BytesIO(packed)) as arrays:
        rows = [line.split(" ") for line in arrays["graphones"].tobytes().decode("ascii").split("\n")]
        levels = []
        for order in range(sum(name.startswith("tokens") for name in arrays.files)):
            first = np.concatenate([[0], np.cumsum(arrays[f"children{order}"], dtype=np.uint32)]).astype(
                np.uint32
            )
            tokens = array("H", arrays[f"tokens{order}"].astype(np.uint16).tobytes())
            levels.append(
                Level(
                    tokens, arrays[f"scores{order}"], arrays[f"backoffs{order}"], array("I", first.tobytes())
                )
            )
    return GraphoneModel([Graphone(row[0], tuple(row[1:])) for row in rows], levels)


@cache
def _bundled() -> GraphoneModel:
    return unpack(read_bytes(MODEL_FILE))


@lru_cache(maxsize=4096)
def pronounce(word: str) -> tuple[str, ...]:
    """Pronounce an unlisted word with the bundled model."""
    return _bundled().pronounce(word.lower())
