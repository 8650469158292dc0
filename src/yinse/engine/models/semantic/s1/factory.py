"""Build s1 from its configuration."""

from torch import nn

from yinse.engine.models.semantic.s1.config import S1Config
from yinse.engine.models.semantic.s1.model import PostNormBlock, S1Model, SinusoidalPosition


def build(config: S1Config) -> S1Model:
    """A model with fresh weights."""

    def position() -> SinusoidalPosition:
        return SinusoidalPosition(config.width, config.positions, dropout=config.dropout)

    blocks = [
        PostNormBlock(config.width, config.heads, config.hidden, dropout=config.dropout)
        for _ in range(config.layers)
    ]
    return S1Model(
        phones=nn.Embedding(config.symbols, config.width),
        features=nn.Linear(config.text_features, config.width),
        text_position=position(),
        tokens=nn.Embedding(config.codes + 1, config.width),
        audio_position=position(),
        blocks=blocks,
        head=nn.Linear(config.width, config.codes + 1, bias=False),
    )
