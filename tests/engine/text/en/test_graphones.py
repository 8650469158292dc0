from array import array

import numpy as np
import pytest

from yinse.engine.text.en import train_graphones as training
from yinse.engine.text.en.dictionary import pronunciations
from yinse.engine.text.en.graphones import (
    MODEL_FILE,
    PROBABILITY_STEP,
    Graphone,
    GraphoneModel,
    Level,
    unpack,
)
from yinse.engine.text.en.prune_graphones import prune
from yinse.engine.text.tables import read_bytes

WORDS = "cat bat rat mat hat sat can ban ran man tab cab bad sad mad had tan pan pat tap map nap cap sap lap rap".split()


def test_alignment_pairs_letters_with_their_sounds() -> None:
    corpus = [(word, pronunciations(word)[0]) for word in WORDS]
    probability = training.align(corpus)

    assert training.best_alignment(("cat", ("K", "AE1", "T")), probability) == [
        ("c", ("K",)),
        ("a", ("AE1",)),
        ("t", ("T",)),
    ]


def test_an_entry_that_cannot_be_aligned_is_left_out() -> None:
    assert training.best_alignment(("x", ("K", "K", "K", "K")), {("x", ("K",)): 1.0}) == []


def test_probabilities_after_any_context_sum_to_one() -> None:
    grams = training.count_grams([(2, 3, 4), (2, 3, 3), (4, 3, 2), (2, 4)])
    smoothed = training.smooth(training.adjust(grams))
    tokens = [gram[0] for gram in smoothed[0].probability]

    for context in [(), (2,), (2, 3), (3, 4)]:
        total = sum(training._lookup(smoothed, (*context, token)) for token in tokens)
        assert total == pytest.approx(1.0, abs=0.02)


def test_a_model_trained_on_a_few_words_reads_a_new_one() -> None:
    model = unpack(training.train([(word, pronunciations(word)[0]) for word in WORDS]))

    assert model.pronounce("bap") == ("B", "AE1", "P")
    assert model.pronounce("") == ()


TOKENS = 6


def _packed(probability: np.ndarray) -> np.ndarray:
    return np.minimum(np.rint(-np.log(np.maximum(probability, 1e-9)) / PROBABILITY_STEP), 255).astype(
        np.uint8
    )


def _trigrams() -> list[Level]:
    """Every bigram of six tokens, and after each of them a trigram for every second token."""
    random = np.random.default_rng(1)
    unigram = random.dirichlet(np.ones(TOKENS))
    bigram = random.dirichlet(np.ones(TOKENS), TOKENS)
    lower = np.tile(bigram, (TOKENS, 1))
    chosen = np.tile([True, False], TOKENS * TOKENS * TOKENS // 2).reshape(TOKENS * TOKENS, TOKENS)
    free = 1.0 - (lower * chosen).sum(axis=1, keepdims=True)
    trigram = lower + free * 0.5 * random.dirichlet(np.ones(TOKENS // 2), TOKENS * TOKENS).repeat(2, axis=1)
    left = 1.0 - (trigram * chosen).sum(axis=1)
    tokens, histories = array("H", range(TOKENS)), np.zeros(TOKENS)
    widths = [range(0, TOKENS * TOKENS + 1, TOKENS), range(0, chosen.sum() + 1, TOKENS // 2)]
    return [
        Level(tokens, _packed(unigram), _packed(histories), array("I", widths[0])),
        Level(tokens * TOKENS, _packed(bigram.ravel()), _packed(left / free[:, 0]), array("I", widths[1])),
        Level(
            tokens[::2] * (TOKENS * TOKENS),
            _packed(trigram[chosen]),
            _packed(np.ones(chosen.sum())),
            array("I", [0] * (chosen.sum() + 1)),
        ),
    ]


def _total_after(levels: list[Level], history: tuple[int, ...]) -> float:
    model = GraphoneModel([Graphone("a", ())] * TOKENS, levels)
    contexts: tuple[int, ...] = (0,)
    for token in history:
        contexts = model._advance(contexts, token)
    return float(sum(np.exp(model._score(contexts, token)) for token in range(TOKENS)))


@pytest.mark.parametrize("threshold", [-1.0, 1e-3, 1e-2, 1.0])
def test_pruning_keeps_the_sums_of_probabilities(threshold: float) -> None:
    pruned = prune(_trigrams(), threshold)

    for history in [(), (2,), (2, 3), (5, 0), (0, 1, 4)]:
        assert _total_after(pruned, history) == pytest.approx(1.0, abs=0.03)


def test_pruning_drops_what_tells_little_and_no_bigrams() -> None:
    levels = _trigrams()
    sizes = [sum(len(level.tokens) for level in prune(levels, size)) for size in (-1.0, 1e-3, 1e-2, 1.0)]

    assert sizes == sorted(set(sizes), reverse=True)
    assert sizes[0] == sum(len(level.tokens) for level in levels)
    assert [len(level.tokens) for level in prune(levels, 1.0)] == [TOKENS, TOKENS * TOKENS]


def test_the_bundled_model_is_as_good_as_reported_on_words_it_never_saw() -> None:
    held_out = [word for word, _ in training.entries() if training.is_held_out(word)][::120]
    accuracy = training.evaluate(unpack(read_bytes(MODEL_FILE)), held_out)

    assert accuracy.words > 40
    assert accuracy.phone_errors < 0.11
    assert accuracy.words_right > 0.58


def test_quantised_scores_stay_in_a_byte() -> None:
    assert training._quantise(1.0) == 0
    assert training._quantise(0.0) == 255
    assert np.uint8(training._quantise(1e-3)) == 138
