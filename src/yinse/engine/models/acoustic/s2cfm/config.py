"""Sizes of s2 by flow matching. Versions are presets that derive from one another."""

from dataclasses import dataclass, field, replace

from yinse.engine.models.acoustic.s2.config import ContentEncoderConfig


@dataclass(frozen=True, slots=True)
class DitConfig:
    """The diffusion transformer that predicts velocities."""

    bands: int = 100
    condition: int = 512
    width: int = 1024
    depth: int = 22
    heads: int = 16
    hidden: int = 2048
    condition_layers: int = 4
    condition_hidden: int = 1024
    position_kernel: int = 31
    position_groups: int = 16
    time_channels: int = 256
    rotary: int = 64
    """Channels that turn with position: the first ones of the full width, so only the first head's."""
    positions: int = 4096


@dataclass(frozen=True, slots=True)
class S2CfmConfig:
    """An encoder to feature frames, and a flow from noise to mel frames at the same rate."""

    encoder: ContentEncoderConfig = field(default_factory=lambda: ContentEncoderConfig(symbols=732))
    dit: DitConfig = field(default_factory=DitConfig)
    codes: int = 1024
    reference_bins: int = 704
    style: int = 512
    features: int = 512
    smoother_depth: int = 8
    kernel: int = 5
    style_dropout: float = 0.1
    stretch: float = 1.875
    """Feature frames for one 50 Hz frame."""
    prompt_frames: int = 468
    """Longest mel prompt."""
    chunk_frames: int = 934
    """Prompt and new frames of one run of the flow."""


def v3() -> S2CfmConfig:
    """93.75 feature frames a second, for a 24 kHz mel."""
    return S2CfmConfig()


def v4() -> S2CfmConfig:
    """100 feature frames a second, for a 32 kHz mel that is spoken at 48 kHz."""
    return replace(v3(), stretch=2.0, prompt_frames=500, chunk_frames=1000)


PRESETS = {"v3": v3, "v4": v4}
"""Published version names."""
