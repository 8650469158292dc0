"""The published models that voices share: what each family is for, its files, and where they are published.

Paths are those of the official repositories, which lay their files out like the `pretrained_models` folder of a
published installation; so such a folder serves as a source as well.
"""

from dataclasses import dataclass
from typing import Final

from yinse.contracts.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Repository:
    """One set of files under its names on the hubs."""

    huggingface: str
    modelscope: str


OFFICIAL: Final = Repository("lj1995/GPT-SoVITS", "AI-ModelScope/GPT-SoVITS")
BIGVGAN: Final = Repository(
    "nvidia/bigvgan_v2_24khz_100band_256x", "nv-community/bigvgan_v2_24khz_100band_256x"
)
PACKED: Final = Repository("XXXXRT/GPT-SoVITS-Pretrained", "XXXXRT/GPT-SoVITS-Pretrained")
S1_SHARED: Final = "s1v3.ckpt"
"""The s1 base of every version from v2Pro on, v3 and v4 included."""


@dataclass(frozen=True, slots=True)
class Family:
    """Models that belong together; `files` are paths in the repository, or in the `archive` there that holds them;
    `needs` are families without which they are of no use.
    """

    name: str
    purpose: str
    files: tuple[str, ...]
    repository: Repository = OFFICIAL
    needs: tuple[str, ...] = ()
    archive: str | None = None


_ALL: Final = (
    Family(
        "hubert",
        "hears what a reference says",
        ("chinese-hubert-base/config.json", "chinese-hubert-base/pytorch_model.bin"),
    ),
    Family(
        "roberta",
        "reads Chinese text",
        (
            "chinese-roberta-wwm-ext-large/config.json",
            "chinese-roberta-wwm-ext-large/tokenizer.json",
            "chinese-roberta-wwm-ext-large/pytorch_model.bin",
        ),
    ),
    Family("eres2netv2", "hears who speaks (v2Pro)", ("sv/pretrained_eres2netv2w24s4ep4.ckpt",)),
    Family(
        "g2pw",
        "reads Chinese characters that have several readings",
        (
            "G2PWModel/g2pW.onnx",
            "G2PWModel/POLYPHONIC_CHARS.txt",
            "G2PWModel/bopomofo_to_pinyin_wo_tune_dict.json",
        ),
        PACKED,
        needs=("roberta",),
        archive="G2PWModel.zip",
    ),
    Family("bigvgan", "vocoder of v3", ("bigvgan_generator.pt",), BIGVGAN),
    Family("vocoder-v4", "vocoder of v4", ("gsv-v4-pretrained/vocoder.pth",)),
    Family(
        "v1",
        "base weights of v1",
        ("s1bert25hz-2kh-longer-epoch=68e-step=50232.ckpt", "s2G488k.pth"),
    ),
    Family(
        "v2",
        "base weights of v2",
        (
            "gsv-v2final-pretrained/s1bert25hz-5kh-longer-epoch=12-step=369668.ckpt",
            "gsv-v2final-pretrained/s2G2333k.pth",
        ),
    ),
    Family("v2Pro", "base weights of v2Pro", (S1_SHARED, "v2Pro/s2Gv2Pro.pth"), needs=("eres2netv2",)),
    Family(
        "v2ProPlus", "base weights of v2ProPlus", (S1_SHARED, "v2Pro/s2Gv2ProPlus.pth"), needs=("eres2netv2",)
    ),
    Family("v3", "base weights of v3, its LoRA voices too", (S1_SHARED, "s2Gv3.pth"), needs=("bigvgan",)),
    Family(
        "v4",
        "base weights of v4, its LoRA voices too",
        (S1_SHARED, "gsv-v4-pretrained/s2Gv4.pth"),
        needs=("vocoder-v4",),
    ),
    *(
        Family(f"discriminator-{version}", f"judges what s2 of {version} says while it is trained", (file,))
        for version, file in {
            "v1": "s2D488k.pth",
            "v2": "gsv-v2final-pretrained/s2D2333k.pth",
            "v2Pro": "v2Pro/s2Dv2Pro.pth",
            "v2ProPlus": "v2Pro/s2Dv2ProPlus.pth",
        }.items()
    ),
)
FAMILIES: Final = {family.name: family for family in _ALL}
GROUPS: Final = {"conditioning": ("hubert", "roberta", "eres2netv2")}
"""Names for several families at once."""


def families_of(name: str) -> list[Family]:
    """The families a name stands for, with all that they need; `InvalidInput` names the ones there are."""
    if name not in FAMILIES and name not in GROUPS:
        known = ", ".join([*GROUPS, *FAMILIES])
        raise InvalidInput(f"There is no family {name!r}; there are: {known}.", code="unknown_family")
    wanted = list(GROUPS.get(name, (name,)))
    for one in wanted:
        wanted += [need for need in FAMILIES[one].needs if need not in wanted]
    return [FAMILIES[one] for one in wanted]


def s1_file(version: str) -> str:
    """The s1 file of a version's base weights, in its family."""
    return FAMILIES[version].files[0]


def base_file(version: str) -> str:
    """The s2 file of a version's base weights, in its family."""
    return FAMILIES[version].files[1]
