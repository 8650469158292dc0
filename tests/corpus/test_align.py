"""Monophone alignment: Viterbi against every path, and vowels found where they were spoken."""

from itertools import groupby, pairwise, product

import numpy as np
import pytest
import torch

from tiny_corpus import VOWEL_SECONDS, sayings
from yinse.contracts.errors import InvalidInput, NotFound
from yinse.corpus.align import (
    ALIGNMENT_FILE,
    IGNORED,
    STATES,
    Alignment,
    Gaussians,
    align_store,
    phoneme_numbers,
    trellis_classes,
    viterbi,
)
from yinse.corpus.store import CorpusStore
from yinse.corpus.writer import StoreWriter
from yinse.engine.text.inventory import SYMBOL_IDS


def models(classes: int, seed: int) -> Gaussians:
    random = np.random.default_rng(seed)
    mean = random.normal(0, 2, (classes, 3)).astype(np.float32)
    return Gaussians(mean, random.uniform(0.5, 2, (classes, 3)).astype(np.float32))


def test_densities_are_those_of_a_gaussian_up_to_a_constant():
    gaussians = models(4, 0)
    x = np.random.default_rng(1).normal(0, 2, (5, 3)).astype(np.float32)
    wanted = (
        torch.distributions.Normal(
            torch.from_numpy(gaussians.mean_KD), torch.from_numpy(gaussians.variance_KD).sqrt()
        )
        .log_prob(torch.from_numpy(x)[:, None])
        .sum(-1)
    )
    offset = wanted.numpy() - gaussians.log_likelihood(x)
    assert np.allclose(offset, 1.5 * -np.log(2 * np.pi), atol=1e-3)


def allowed(path: tuple[int, ...], count: int) -> bool:
    """Whether trellis places are a way through `count` phonemes of two states with silence around them."""
    last = 2 * STATES * count
    within = {2 + 2 * STATES * phoneme for phoneme in range(count)}
    if path[0] not in (0, 1) or path[-1] not in (last, last - 1) or within & set(path):
        return False
    return all(b - a in (0, 1) or (b - a == 2 and b % 2) for a, b in pairwise(path))


@pytest.mark.parametrize(("phonemes", "frames"), [([1], 4), ([1, 2], 5), ([2, 2], 5)])
def test_viterbi_finds_the_best_of_all_paths(phonemes, frames):
    gaussians = models(1 + STATES * 3, 2)
    x = np.random.default_rng(frames).normal(0, 2, (frames, 3)).astype(np.float32)
    classes = trellis_classes(phonemes)
    scores = gaussians.log_likelihood(x)[:, classes]
    paths = [p for p in product(range(len(classes)), repeat=frames) if allowed(p, len(phonemes))]
    best = max(paths, key=lambda path: scores[range(frames), path].sum())
    found = viterbi([x], [phonemes], gaussians)[0]
    assert found is not None
    assert scores[range(frames), found].sum() == pytest.approx(scores[range(frames), best].sum(), rel=1e-5)
    assert allowed(tuple(found.tolist()), len(phonemes))


def test_a_batch_is_aligned_as_each_alone():
    gaussians = models(1 + STATES * 4, 3)
    random = np.random.default_rng(4)
    sets = [random.normal(0, 2, (frames, 3)).astype(np.float32) for frames in (9, 14, 20)]
    texts = [[1, 2], [3], [1, 3, 2, 1]]
    for one, text, path in zip(sets, texts, viterbi(sets, texts, gaussians), strict=True):
        alone = viterbi([one], [text], gaussians)[0]
        assert path is not None
        assert np.array_equal(path, alone)


def test_a_text_too_long_for_its_audio_is_not_placed():
    gaussians = models(1 + STATES * 3, 5)
    short = np.zeros((3, 3), np.float32)
    assert viterbi([short], [[1, 2]], gaussians) == [None]


def test_places_become_numbers_of_phonemes():
    assert phoneme_numbers(np.array([0, 0, 1, 3, 3, 4, 5, 7, 8])).tolist() == [0, 0, 1, 1, 1, 0, 2, 2, 0]


def test_vowels_are_found_where_they_are_spoken(tiny_store):
    store = CorpusStore(tiny_store)
    alignment = Alignment(store)
    by_id = {one.id: one for one in sayings()}
    right = total = 0
    for entry in store.entries:
        numbers = alignment.numbers(entry)
        assert numbers is not None
        said = by_id[entry.id]
        order = [number for number, _ in groupby(numbers[numbers > 0].tolist())]
        assert order == list(range(1, len(said.vowels) + 1)), "every vowel, in order"
        start = (len(numbers) * 0.02 - len(said.vowels) * VOWEL_SECONDS) / 2
        place = np.floor((np.arange(len(numbers)) * 0.02 - start) / VOWEL_SECONDS).astype(int) + 1
        spoken = (place >= 1) & (place <= len(said.vowels))
        right += int((numbers == place)[spoken].sum())
        total += int(spoken.sum())
    assert right / total > 0.75


def test_frames_carry_the_ids_of_their_phonemes(tiny_store):
    store = CorpusStore(tiny_store)
    entry, said = store.entries[0], sayings()[0]
    frames = Alignment(store).frames(entry)
    assert len(frames) == entry.frames
    heard = [index for index, _ in groupby(frames[frames > 0].tolist())]
    assert heard == [index for index, _ in groupby(SYMBOL_IDS[vowel] for vowel in said.vowels)]


def test_what_is_not_placed_is_left_out_of_the_loss(tiny_store, tmp_path):
    store = CorpusStore(tiny_store)
    alignment = Alignment(store)
    alignment._numbers = np.full_like(alignment._numbers, -1)
    assert alignment.numbers(store.entries[0]) is None
    assert alignment.frames(store.entries[0]).unique().tolist() == [IGNORED]


def test_a_store_without_alignment_or_phonemes_says_what_to_run(tmp_path):
    with StoreWriter(tmp_path) as writer:
        audio, mel = np.ones(44100, np.int16), np.ones((100, 80), np.float16)
        writer.add("u-1", None, "s", "en", 16000, "train", "shard", audio, mel)
    with pytest.raises(NotFound, match="yinse corpus align"):
        Alignment(CorpusStore(tmp_path))
    with pytest.raises(NotFound, match="yinse corpus build"):
        align_store(tmp_path)
    (tmp_path / "phonemes.jsonl").write_text("")
    with pytest.raises(InvalidInput, match="no transcribed utterance"):
        align_store(tmp_path)
    assert not (tmp_path / ALIGNMENT_FILE).exists()
