"""The rename table of s2 knows every published name and shape, and nothing else."""

import pytest

from published_parity import assert_same_layout, schema
from yinse.contracts.errors import InvalidInput
from yinse.engine.models.acoustic.s2 import config, factory, legacy

pytestmark = pytest.mark.parity


@pytest.mark.parametrize("version", tuple(config.PRESETS))
def test_published_layout(version):
    preset = config.PRESETS[version]()
    assert_same_layout(
        lambda: factory.build(preset, posterior=True, weight_norm=True),
        legacy.renames(preset),
        schema(f"s2G_{version}"),
    )


@pytest.mark.parametrize("name", ["enc_p.encoder3.proj.weight", "dec.resblocks.15.convs1.0.bias", "x", ""])
def test_unknown_names_are_refused(name):
    with pytest.raises(InvalidInput, match="does not know"):
        legacy.renames(config.v2()).to_ours(name)
