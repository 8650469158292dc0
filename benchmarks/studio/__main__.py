"""`python -m benchmarks.studio`: open the pages, speak, print the table and store it."""

import shutil
import tempfile
from pathlib import Path
from statistics import median

import click

from benchmarks.load.house import House
from benchmarks.load.people import people, person
from benchmarks.load.voices import enrol
from benchmarks.studio.window import Opened, Spoken, Window
from benchmarks.voice.machine import this_machine
from benchmarks.voice.speech import SpeechData

PAGES = ("sign-in", "voices", "speak", "history")
TEXTS = (
    "Good morning! I had the strangest dream last night, and you were in it.",
    "The weather is fine today, so let us walk in the park.",
    "春天来了，山坡上的桃花一夜之间全开了。孩子们放下书包，沿着小河一路跑过去。",
    "今天天气真好，我们出去走走吧。",
    "おはようございます。今日はとてもいい天気ですね。",
)
TIMES = 5


@click.command()
@click.option(
    "--speech-data", type=click.Path(path_type=Path), default=Path("../shared/data"), show_default=True
)
@click.option(
    "--results", type=click.Path(path_type=Path), default=Path("benchmarks/results"), show_default=True
)
@click.option("--chromium", default=shutil.which("chromium"), show_default=True, help="The browser.")
@click.option("--beside", default="Nothing else ran.", help="What else ran on the machine, for the page.")
def main(speech_data: Path, results: Path, chromium: str | None, beside: str) -> None:
    """Bytes and first paint of pages, first sound and first lit word of speech."""
    if chromium is None:
        raise click.ClickException("There is no Chromium here; name a browser with --chromium.")
    data = SpeechData(speech_data)
    with tempfile.TemporaryDirectory(prefix="yinse-studio-") as folder, House(Path(folder)) as house:
        token = house.sign_up("ann")
        if enrol(house, token, person(data, people(data)[0]))[1]["state"] != "ready":
            raise click.ClickException("The recording did not become a voice.")
        with Window(chromium, house.url, token) as window:
            pages = {page: [window.opened(page) for _ in range(TIMES)] for page in PAGES}
            window.spoken(TEXTS[0])  # the models are in memory from here on
            spoken = [window.spoken(text) for text in TEXTS for _ in range(2)]
    text = markdown(pages, spoken, f"{this_machine().sentence()}. {beside}")
    results.mkdir(parents=True, exist_ok=True)
    (results / "studio.md").write_text(text, "utf-8")
    click.echo(text)


def markdown(pages: dict[str, list[Opened]], spoken: list[Spoken], machine: str) -> str:
    """The page of figures."""
    rows = [
        f"| `/{page}` | {median(one.kilobytes for one in found):.0f} | {median(one.paint_ms for one in found):.0f} |"
        for page, found in pages.items()
    ]
    sounds, words = [one.sound_ms for one in spoken], [one.word_ms for one in spoken]
    return "\n".join(
        (
            "# What somebody at the studio waits for\n",
            "`python -m benchmarks.studio` writes this page: headless Chromium on the machine that serves, each page in a "
            f"browser that has never been here, median of {TIMES}.\n",
            f"{machine}\n",
            "| page | kilobytes over the wire | first contentful paint, ms |",
            "|---|---:|---:|",
            *rows,
            f"\nFrom pressing Speak, {len(spoken)} utterances in zh, en and ja, voice in memory:\n",
            "| | median, ms | worst, ms |",
            "|---|---:|---:|",
            f"| first sound at the player | {median(sounds):.0f} | {max(sounds):.0f} |",
            f"| first word lit | {median(words):.0f} | {max(words):.0f} |",
            "",
        )
    )


if __name__ == "__main__":
    main()
