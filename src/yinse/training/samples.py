"""What a run lets one hear and see while it trains: short recordings and pictures beside its figures.

Legend: T samples, C channels (mel bands, latents), F frames.
"""

import io
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from yinse.engine.audio.encode import encode
from yinse.engine.audio.files import write_atomic
from yinse.engine.audio.waveform import Waveform


@dataclass(frozen=True, slots=True)
class Clip:
    """A recording: samples (T,) at `rate` Hz."""

    name: str
    samples_T: Tensor
    rate: int


@dataclass(frozen=True, slots=True)
class Picture:
    """Pictures (C, F) one above the other, each with a title, on a common colour scale."""

    name: str
    rows: dict[str, Tensor]


Sample = Clip | Picture


def write_sample(folder: Path, sample: Sample, step: int) -> Path:
    """Write a sample as `<step>-<name>.wav` or `.png` and return where."""
    stem = f"{step:07d}-{sample.name}"
    match sample:
        case Clip():
            samples = sample.samples_T.detach().float().cpu().clamp(-1, 1).numpy()
            path, data = folder / f"{stem}.wav", encode(Waveform(samples, sample.rate), "wav")
        case Picture():
            path, data = folder / f"{stem}.png", _draw(sample.rows)
    write_atomic(path, data)
    return path


def _draw(rows: dict[str, Tensor]) -> bytes:
    from matplotlib.figure import Figure

    images = {title: image.detach().float().cpu().numpy() for title, image in rows.items()}
    low, high = min(i.min() for i in images.values()), max(i.max() for i in images.values())
    figure = Figure(figsize=(6, 1.6 * len(images)), layout="constrained")
    axes = figure.subplots(len(images), squeeze=False)[:, 0]
    for axis, (title, image) in zip(axes, images.items(), strict=True):
        axis.imshow(image, origin="lower", aspect="auto", vmin=low, vmax=high)
        axis.set_title(title, fontsize="small")
        axis.set_axis_off()
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()
