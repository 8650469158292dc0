"""Joining pieces of speech."""

import math

import pytest
import torch

from published_parity import close, load
from yinse.engine.synthesis.sola import best_shift, join


@pytest.mark.parity
def test_published_join():
    fixture = load("sola")
    overlap, search = int(fixture.metadata["overlap"]), int(fixture.metadata["search"])
    close(join(fixture["f1"], fixture["f2"], overlap=overlap, search=search), fixture["out"])


def test_a_cut_signal_is_whole_again():
    signal = torch.sin(torch.arange(4000) * 2 * math.pi / 200) * torch.linspace(0.2, 1, 4000)
    joined = join(signal[:2400], signal[1950:], overlap=400, search=100)
    close(joined, signal, 1e-4)


def test_shift_finds_the_template():
    signal = torch.randn(500, generator=torch.Generator().manual_seed(0))
    assert best_shift(signal[37:337], signal) == 37
