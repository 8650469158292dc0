"""`yinse voices`: what voices there are."""

import json
import sys
from dataclasses import asdict

import click

from yinse.contracts.errors import InvalidInput


@click.group()
def voices() -> None:
    """List, show and delete voices."""


@voices.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_voices(as_json: bool) -> None:
    """List one's own voices and the presets."""
    from yinse.engine.voice.home import VoiceHome

    cards = VoiceHome().cards()
    if as_json:
        click.echo(json.dumps([asdict(card) for card in cards], ensure_ascii=False))
        return
    if not cards:
        click.echo("No voices yet. Make one: yinse enrol recording.wav --voice me")
    for card in cards:
        kind = "preset" if card.preset else "adapted" if card.adapted else "enrolled"
        click.echo(
            f"{card.name:24} {kind:9} {card.net_speech_s:5.0f} s  {card.grade:7} {', '.join(card.languages)}"
        )


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
    home.folder(name)
    if not yes:
        if sys.stdin is None:
            raise InvalidInput("Nobody can be asked, for standard input is closed; pass --yes.")
        click.confirm(f"Delete the voice {name!r} for good?", abort=True)
    home.delete(name)
    click.echo(f"{name} is deleted.")
