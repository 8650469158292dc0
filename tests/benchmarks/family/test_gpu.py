import csv
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from benchmarks.family.gpu import PRECISIONS, Figure, main, markdown
from benchmarks.family.gpu_models import Maker, tiny

ROOT = Path(__file__).parents[3]
NOT_THERE = (
    "jieba",
    "pypinyin",
    "pyopenjtalk",
    "pydantic",
    "soundfile",
    "soxr",
    "scipy",
    "yaml",
    "click",
    "av",
)
"""What a bare GPU machine does not have."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("results")
    assert main(["--tiny", "--rounds", "1", "--results", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def rows(results: Path) -> list[dict[str, str]]:
    with (results / "family-gpu.csv").open() as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("precision", PRECISIONS)
def test_everything_is_measured(rows: list[dict[str, str]], precision: str) -> None:
    measured = {(row["model"], row["quantity"]) for row in rows if row["precision"] == precision}
    ways = ("step by step", "fixed buffers", "fixed buffers, tokens drawn")
    assert {("s1", f"tokens/s, batch {batch}, {way}") for batch in (1, 4, 16) for way in ways} < measured
    flows = [f"s2 of {steps} steps and vocoder, real-time factor" for steps in (4, 8, 32)]
    assert {(version, flow) for version in ("v3", "v4") for flow in flows} < measured
    assert {("v2", "s2, real-time factor"), ("v2Pro", "s2, real-time factor")} < measured


def test_every_figure_is_a_number_with_its_machine(rows: list[dict[str, str]]) -> None:
    assert all(float(row["median"]) > 0 and row["machine"] for row in rows)


def test_the_page_has_a_table_a_model(results: Path) -> None:
    assert (results / "family-gpu.md").read_text("utf-8").count("| fp32 | bf16 | fp16 |") == 5


def test_half_precision_stays_close(rows: list[dict[str, str]]) -> None:
    values = {(row["quantity"], row["precision"]): float(row["median"]) for row in rows}
    assert values["score error", "fp16"] < values["score error", "bf16"] < 0.05
    assert values["same likeliest token", "fp16"] > 0.95


def test_models_are_the_same_every_time() -> None:
    maker = Maker(tiny(), torch.device("cpu"), torch.float32)
    first, second = maker.voice("v2").speak(0.0), maker.voice("v2").speak(0.0)
    assert torch.equal(first, second)
    assert float(first.std()) > 0.01


def test_it_needs_torch_alone() -> None:
    blocked = f"import sys; sys.modules.update(dict.fromkeys({NOT_THERE!r})); import benchmarks.family.gpu"
    result = subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, env={"PYTHONPATH": "src:."}, capture_output=True, text=True, check=False
    )  # fmt: skip
    assert result.returncode == 0, result.stderr


def test_the_table_leaves_out_what_was_not_measured() -> None:
    figures = [
        Figure("s1", "score error", "bf16", 0.0123, 0.0123),
        Figure("s1", "tokens/s", "fp32", 1234.5, 1300),
    ]
    page = markdown(figures, "a machine")
    assert "| score error |  | 0.0123 |  |" in page
    assert "| tokens/s | 1234 |  |  |" in page
