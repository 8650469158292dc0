"""Clips and pictures of a run."""

import io

import numpy as np
import pytest
import soundfile
import torch

from yinse.training.samples import Clip, Picture, write_sample


def test_a_clip_is_a_wav_file(tmp_path):
    samples = torch.linspace(-1.5, 0.5, 500)
    path = write_sample(tmp_path, Clip("copy", samples, 44100), 12)
    assert path.name == "0000012-copy.wav"
    read, rate = soundfile.read(path)
    assert rate == 44100
    np.testing.assert_allclose(read, samples.clamp(-1, 1), atol=1e-4)


def test_a_picture_has_a_row_for_each(tmp_path):
    image = pytest.importorskip("matplotlib.image")
    rows = {"a": torch.zeros(10, 30), "b": torch.ones(10, 30)}
    path = write_sample(tmp_path, Picture("mel", rows), 3)
    pixels = image.imread(io.BytesIO(path.read_bytes()))
    upper, lower = pixels[: len(pixels) // 2, :, :3], pixels[len(pixels) // 2 :, :, :3]
    assert path.name == "0000003-mel.png"
    assert lower.mean() > upper.mean() + 0.1, "one colour scale for all rows: ones are brighter than zeros"
