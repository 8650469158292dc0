from collections.abc import Callable
from dataclasses import replace

import torch

from yinse.training.published.batches import (
    collate_s1,
    collate_s2,
    s1_epochs,
    s1_objection,
    s2_epochs,
    s2_objection,
)
from yinse.training.published.items import Item


def test_few_utterances_are_repeated_and_every_epoch_is_its_own(items: list[Item]) -> None:
    epochs = s2_epochs(items, 3, seed=5)
    first = [batch.token_lengths_B.tolist() for batch in epochs.epoch(0)]
    assert first == [batch.token_lengths_B.tolist() for batch in epochs.epoch(0)]
    assert first != [batch.token_lengths_B.tolist() for batch in epochs.epoch(1)]
    counts = torch.cat([torch.tensor(lengths) for lengths in first]).bincount()
    assert counts[36:40].tolist() == [25] * 4
    assert max(len(lengths) for lengths in first) == 3


def test_small_sets_get_small_batches_in_s1(items: list[Item]) -> None:
    assert {len(batch.token_lengths_B) for batch in s1_epochs(items, 8, seed=1).epoch(0)} == {1}


def test_utterances_of_similar_length_go_together(make_utterance: Callable[..., Item]) -> None:
    mixed = [make_utterance(seed, 30 if seed % 2 else 150) for seed in range(100)]
    for batch in s2_epochs(mixed, 4, seed=1).epoch(0):
        assert len(set(batch.token_lengths_B.tolist())) == 1


def test_implausible_utterances_are_objected_to(make_utterance: Callable[..., Item]) -> None:
    good, hurried, slow = make_utterance(1), make_utterance(2, 10, 12), make_utterance(3, 200, 12)
    assert s1_objection(good) is None
    assert all("are not speech" in str(s1_objection(one)) for one in (hurried, slow))
    short = replace(good, samples_N=good.samples_N[:19000])
    assert s2_objection(good) is None
    assert "it lasts 0.6 s" in str(s2_objection(short))


def test_padding_stands_behind(make_utterance: Callable[..., Item]) -> None:
    long, short = make_utterance(1, 40, 12), make_utterance(2, 30, 9)
    batch = collate_s1([long, short])
    assert batch.phone_lengths_B.tolist() == [12, 9]
    assert batch.token_lengths_B.tolist() == [40, 30]
    assert torch.equal(batch.tokens_BT[1, :30], short.tokens_T)
    assert not batch.features_BEL[1, :, 9:].any()


def test_tokens_and_samples_are_cut_to_what_both_have(make_utterance: Callable[..., Item]) -> None:
    item = make_utterance(1, 40, speaker=True)
    cut = replace(item, samples_N=item.samples_N[: 38 * 1280 + 5])
    batch = collate_s2([item, cut])
    assert batch.token_lengths_B.tolist() == [40, 38]
    assert batch.samples_BN.shape == (2, 40 * 1280)
    assert batch.speaker_BV is not None
    assert collate_s2([item, replace(cut, speaker_V=None)]).speaker_BV is None
