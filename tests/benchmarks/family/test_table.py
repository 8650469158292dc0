import csv
from pathlib import Path

from benchmarks.family.measure import Measured
from benchmarks.family.table import Line, markdown, number, write_csv

LINES = [
    Line("v2", "plain", 2, Measured("s1 batch 1", "tokens/s", 30.04, 31.0, 29.0)),
    Line("v2", "int8", 2, Measured("s1 batch 1", "tokens/s", 123.4, 130.0, 110.0)),
    Line("v2", "int8", 2, Measured("memory held", "MB", 640.2, 640.2)),
    Line("v2", "int8", 0, Measured("logit error", "", 0.0227, 0.0227)),
]


def test_numbers_keep_three_digits() -> None:
    assert [number(value) for value in (1234.5, 12.34, 0.12345)] == ["1234", "12.3", "0.123"]


def test_systems_stand_side_by_side() -> None:
    text = markdown(LINES, "a machine", "Nobody else was there.")
    assert "| v2, 2 threads | plain loop | ours, int8 |" in text
    assert "| s1 batch 1, tokens/s | 30.0 (29.0) | 123 (110) |" in text
    assert "| memory held, MB |  | 640 |" in text
    assert "| logit error | 0.0227 |" in text
    assert "a machine. Nobody else was there." in text


def test_ours_is_held_against_the_aims() -> None:
    lines = [
        *LINES,
        Line("v2", "int8", 2, Measured("s2 real-time factor", "", 0.31, 0.3, 0.3)),
        Line("v2", "service", 2, Measured("service memory", "MB", 1400, 1400)),
    ]
    text = markdown(lines, "a machine", "")
    assert "| s1 batch 1, tokens/s | 19-23 | at least 100 | 123 (met) |" in text
    assert "| s2 real-time factor | 0.57 (v2) | below 0.3 | 0.31 (missed) |" in text
    assert "| HuBERT, a reference, s | 1.0 |  |  |" in text
    assert "| service memory, MB |  | below 1500 | 1400 (met) |" in text


def test_a_line_says_what_it_is() -> None:
    assert LINES[0].sentence() == "v2, plain loop, 2 threads: s1 batch 1 30.0 tokens/s"
    assert LINES[3].sentence() == "v2, ours, int8, logit error 0.0227"


def test_every_figure_is_stored(tmp_path: Path) -> None:
    write_csv(LINES, tmp_path / "family.csv", "2026-01-02, a machine")
    with (tmp_path / "family.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert [row["system"] for row in rows] == ["plain", "int8", "int8", "int8"]
    assert rows[0]["processor"] == "29"
    assert {row["machine"] for row in rows} == {"2026-01-02, a machine"}
