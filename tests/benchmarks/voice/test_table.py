import csv
from dataclasses import replace

from benchmarks.voice.figures import Figure
from benchmarks.voice.machine import this_machine
from benchmarks.voice.plots import draw
from benchmarks.voice.table import FLOOR, NATURAL, Row, from_csv, merged, shown, to_csv, to_markdown

ROWS = [
    Row("likeness", "cosine", "en", FLOOR, Figure(0.55, 0.5, 0.6, 9), "", "others"),
    Row("likeness", "cosine", "en", "yinse", Figure(0.8, 0.7, 0.9, 9), "", "others"),
    Row("likeness", "cosine", "en", NATURAL, Figure(0.91, 0.9, 0.92, 9), "", "others"),
    Row("speed", "first audio", "en", "yinse", Figure(150, 120, 180, 3), "ms", "1 thread"),
]


def test_every_row_survives_in_the_csv():
    lines = list(csv.DictReader(to_csv(ROWS).splitlines()))
    assert [line["subject"] for line in lines] == [FLOOR, "yinse", NATURAL, "yinse"]
    assert lines[2]["value"] == "0.9100"
    assert lines[3]["unit"] == "ms"


def test_the_csv_reads_back():
    rows = [*ROWS, replace(ROWS[0], detail="elsewhere", date="2026-11-01", machine="A slow one")]
    assert from_csv(to_csv(rows)) == rows


def test_the_page_says_which_machine_measured_what():
    here, there = ("2026-11-27", "A quick one"), ("2026-11-01", "A slow one")
    rows = [replace(row, date=here[0], machine=here[1]) for row in ROWS[:2]]
    page = to_markdown([*rows, replace(ROWS[2], date=there[0], machine=there[1])], "")
    assert "- floor, yinse: measured 2026-11-27 on A quick one" in page
    assert "- natural: measured 2026-11-01 on A slow one" in page


def test_a_partial_run_replaces_what_it_measured_and_keeps_the_rest():
    again = Row("likeness", "cosine", "en", "yinse", Figure(0.85, 0.8, 0.9, 9), "", "fewer others")
    rows = merged(ROWS, [again])
    assert [row for row in rows if (row.quality, row.subject) == ("likeness", "yinse")] == [again]
    assert {row.key for row in rows} - {again.key} == {row.key for row in ROWS} - {ROWS[1].key}


def test_natural_speech_stays_until_the_same_is_measured_again():
    other = Row("likeness", "speaker identified", "en", NATURAL, Figure(1.0, 0.9, 1.0, 9), "%", "others")
    assert ROWS[2] in merged(ROWS, [other])
    again = Row("likeness", "cosine", "en", NATURAL, Figure(0.92, 0.9, 0.93, 9), "", "others")
    rows = merged(ROWS, [again])
    assert again in rows
    assert ROWS[2] not in rows


def test_natural_stands_first_and_the_floor_last():
    page = to_markdown(ROWS, "Here.")
    assert "| measure | language | natural | yinse | floor | of what |" in page
    assert (
        "| cosine | en | 0.91 (0.90-0.92, n 9) | 0.80 (0.70-0.90, n 9) | 0.55 (0.50-0.60, n 9) | others |"
        in page
    )
    assert page.count("## ") == 2


def test_shares_are_shown_as_per_cent():
    assert shown(Figure(0.96, 0.87, 0.99, 50), "%") == "96 % (87-99, n 50)"


def test_a_plot_for_every_quality(tmp_path):
    paths = draw(ROWS, tmp_path)
    assert [path.name for path in paths] == ["voice-likeness.png", "voice-speed.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_the_machine_names_itself():
    machine = this_machine()
    assert machine.cores >= 1
    assert machine.processor in machine.sentence()
    assert machine.torch in machine.sentence()
