"""`yinse voices`: what voices there are."""

import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from yinse.contracts.errors import CorruptFile, InvalidInput

if TYPE_CHECKING:
    from yinse.engine.voice.home import VoiceCard


@click.group()
def voices() -> None:
    """List, show and delete voices."""


@voices.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_voices(as_json: bool) -> None:
    """List one's own voices and the presets; a damaged one is told after the others."""
    cards, damage = _cards()
    if as_json:
        click.echo(json.dumps([asdict(card) for card in cards], ensure_ascii=False))
    elif not cards and not damage:
        click.echo("No voices yet. Make one: yinse enrol recording.wav --voice me")
    else:
        for card in cards:
            click.echo(_line(card))
    if damage:
        raise CorruptFile("; ".join(damage))


def _cards() -> "tuple[list[VoiceCard], list[str]]":
    """What can be read of all voices, and what is wrong with the others."""
    from yinse.engine.voice.home import VoiceHome

    home = VoiceHome()
    cards, damage = [], []
    for name in home.names():
        try:
            cards.append(home.card(name))
        except CorruptFile as error:
            damage.append(error.message)
    return cards, damage


def _line(card: "VoiceCard") -> str:
    kind = "preset" if card.preset else "adapted" if card.adapted else "enrolled"
    return f"{card.name:24} {kind:9} {card.net_speech_s:5.0f} s  {card.grade:7} {', '.join(card.languages)}"


@voices.command()
@click.argument("name")
def show(name: str) -> None:
    """Show what is known about a voice, as JSON."""
    from yinse.engine.voice.home import VoiceHome
    from yinse.engine.voice.published.store import PublishedHome, is_published

    if is_published(VoiceHome().folder(name)):
        click.echo(json.dumps(PublishedHome().summary(name), ensure_ascii=False, indent=1))
        return
    voice = VoiceHome().load(name)
    size = {"reference_tokens": len(voice.prompt.tokens_S), "prompts": len(voice.prompt.utterances)}
    click.echo(
        json.dumps(
            {**asdict(voice.card), **size, "weights": voice.prompt.revision}, ensure_ascii=False, indent=1
        )
    )


@voices.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
def delete(name: str, yes: bool) -> None:
    """Delete a voice and everything made from its recording."""
    from yinse.engine.voice.home import VoiceHome

    home = VoiceHome()
    preset = home.folder(name).parent == home.presets
    if not (yes or preset):
        _confirm(f"Delete the voice {name!r} for good?")
    home.delete(name)
    click.echo(f"{name} is deleted.")


def _confirm(question: str) -> None:
    """Ask; `click.Abort` on no and on Ctrl-C, `InvalidInput` where nobody is there to answer."""
    unanswered = InvalidInput("Nobody answered whether to delete it; pass --yes to be asked nothing.")
    if sys.stdin is None:
        raise unanswered
    try:
        click.confirm(question, abort=True)
    except click.Abort as abort:
        if isinstance(abort.__context__, EOFError):
            click.echo(err=True)
            raise unanswered from abort
        raise
