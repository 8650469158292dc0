"""The speed table: what it says, where it is written, and what it needs."""

import csv
from datetime import UTC, datetime

import pytest

from yinse.engine.synthesis import speed


@pytest.fixture(autouse=True)
def in_this_process(weights, monkeypatch):
    """Measure here instead of in fresh processes, and one short sentence."""
    monkeypatch.setattr(
        speed, "measure", lambda setting, repeats: speed.measure_here(setting, repeats, ["はい。"])
    )
    monkeypatch.setattr(speed, "follow_memory", lambda setting, minutes: ((1.0, 300.0), (2.0, 301.0)))


def test_a_row_for_every_setting_under_the_machine(yinse):
    done = yinse("bench", "--threads", "1", "--steps", "1", "--steps", "2", "--repeats", "1")
    assert done.code == 0
    machine, head, rule, *rows = done.out.splitlines()
    assert machine.startswith(datetime.now(UTC).date().isoformat())
    assert "cores (load " in machine
    columns = [cell.strip() for cell in head.strip("|").split("|")]
    assert columns == [
        "setting", "threads", "first audio ms", "slowest ms", "RTF", *speed.STAGES, "other", "peak MiB", "load s",
        "sentences",
    ]  # fmt: skip
    assert [row.split("|")[1].strip() for row in rows] == ["flow", "diffusion, 1 step", "diffusion, 2 steps"]
    assert len({len(line) for line in (head, rule, *rows)}) == 1


def test_results_are_kept_under_the_date(yinse, tmp_path):
    assert yinse("bench", "--threads", "1", "--repeats", "1", "--results", tmp_path / "new").code == 0
    stem = f"speed-{datetime.now(UTC).date().isoformat()}"
    assert {path.name for path in (tmp_path / "new").iterdir()} == {f"{stem}.csv", f"{stem}.md"}
    rows = list(csv.DictReader((tmp_path / "new" / f"{stem}.csv").read_text().splitlines()))
    assert [row["setting"] for row in rows] == ["flow", "diffusion, 2 steps"]
    assert float(rows[0]["RTF"]) > 0
    assert "# Speed" in (tmp_path / "new" / f"{stem}.md").read_text()


def test_memory_over_a_long_script(yinse):
    done = yinse("bench", "--minutes", "2")
    assert [line.split("|")[1:3] for line in done.out.splitlines()[3:]] == [
        [" 1.0            ", " 300          "], [" 2.0            ", " 301          "]
    ]  # fmt: skip


def test_without_a_voice_there_is_nothing_to_measure(yinse, tmp_path, monkeypatch):
    monkeypatch.setenv("YINSE_WEIGHTS", str(tmp_path))
    done = yinse("bench")
    assert done.code == 4
    assert "no voice to measure with" in done.err
