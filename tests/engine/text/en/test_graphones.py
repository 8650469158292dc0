import numpy as np
import pytest

from yinse.engine.text.en import train_graphones as training
from yinse.engine.text.en.dictionary import pronunciations
from yinse.engine.text.en.graphones import MODEL_FILE, unpack
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


def test_distance_counts_edits() -> None:
    assert training.distance("kitten", "sitting") == 3
    assert training.distance("", "ab") == 2


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
