"""The main job in one go: speak with preset voices, clone a recording, speak with the clone. `make run` runs this.

Everything it writes lies in `out/`, the cloned voice included. Nothing is downloaded.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

OUT = Path("out")
CLONE = "my-first-voice"
SENTENCES = {
    "zh": "你好，这是我的新声音。今天天气真好，我们出去走走吧！",
    "en": "Hello, this is my new voice. It reads whatever you write.",
    "ja": "こんにちは、これは私の新しい声です。今日はいい天気ですね。",
}
YINSE = Path(sys.executable).with_name("yinse")


def main() -> None:
    """Speak three languages, clone, speak them with the clone, and say what to do next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, help="your own recording of about a minute")
    own: Path | None = parser.parse_args().recording
    if own is not None and not own.is_file():
        sys.exit(f"There is no recording {own}; name one with make run REC=FILE.")
    began = time.perf_counter()
    OUT.mkdir(exist_ok=True)
    presets = preset_voices()
    for language, text in SENTENCES.items():
        speak(text, preset_for(language, presets), OUT / f"preset-{language}.wav")
    recording = own or stand_in(presets)
    if recording is None:
        heading(
            "What the presets keep of their readings is too poor to clone; your own recording will do better"
        )
    else:
        clone(recording)
    farewell(time.perf_counter() - began)


def clone(recording: Path) -> None:
    """Check a recording, make a voice of it, and speak with that."""
    heading(f"Is {recording} good enough to make a voice of?")
    yinse("check", str(recording), accepted=(0, 3))
    heading("Clone it, and speak with the clone")
    yinse("enrol", str(recording), "--voice", CLONE, "--replace")
    for language, text in SENTENCES.items():
        speak(text, CLONE, OUT / f"clone-{language}.wav")


def preset_voices() -> list[dict[str, object]]:
    """The voices that ship with the weights; a copy of Yinse without weights cannot speak."""
    heading("Speak with the voices that ship")
    done = subprocess.run(
        [YINSE, "voices", "list", "--json"], env=environment(), capture_output=True, check=False
    )
    cards = [card for card in json.loads(done.stdout or "[]") if card["preset"]]
    if done.returncode or not cards:
        said = done.stderr.decode(errors="replace").strip()
        sys.exit(
            said
            or "There are no weights here, so Yinse cannot speak yet: docs/training.md says how they are made."
        )
    return cards


def preset_for(language: str, presets: list[dict[str, object]]) -> str:
    """The first preset of a language, or the first of all: every voice speaks every language."""
    fitting = [card for card in presets if card["languages"] == [language]]
    return str((fitting or presets)[0]["name"])


def stand_in(presets: list[dict[str, object]]) -> Path | None:
    """The first preset's reading that our own check lets pass, the English one tried first; None if none does."""
    heading("No recording given (make run REC=me.wav): take what a preset keeps of its reading")
    first = preset_for("en", presets)
    for voice in sorted((str(card["name"]) for card in presets), key=lambda name: name != first):
        path = reading_of(voice)
        checked = subprocess.run(
            [YINSE, "check", str(path)], env=environment(), capture_output=True, check=False
        )
        if checked.returncode == 0:
            return path
        print(f"{path} would not make a voice", flush=True)
    return None


def reading_of(voice: str) -> Path:
    """The reading that a preset was made of, decoded from what its voice keeps of it.

    No package that installs without a compiler ships a recording of speech long enough to clone, so this stands in:
    a real person's reading after its way through Yinse's own codec. Your own recording will do better.
    """
    import torch

    from yinse.engine.audio.encode import write_wav
    from yinse.engine.audio.waveform import Waveform
    from yinse.engine.synthesis.synthesizer import Synthesizer
    from yinse.engine.voice.home import Voice

    synthesizer = Synthesizer.load()
    latents_1DF = torch.from_numpy(Voice.load(voice).prompt.latents_FD).float().T[None]
    with torch.inference_mode():
        samples = synthesizer.models.decoder(latents_1DF)[0].clamp(-1, 1).numpy()
    path = OUT / f"reading-of-{voice}.wav"
    write_wav(path, Waveform(samples, synthesizer.rate))
    print(f"{path}: {len(samples) / synthesizer.rate:.0f} s of {voice}, as the codec keeps it")
    return path


def speak(text: str, voice: str, out: Path) -> None:
    """Speak one sentence into a file."""
    yinse("speak", text, "--voice", voice, "--out", str(out))


def yinse(*arguments: str, accepted: tuple[int, ...] = (0,)) -> None:
    """Run one yinse command as a user would, showing it first; stop where it fails."""
    print(f"\n$ yinse {shlex.join(arguments)}", flush=True)
    code = subprocess.run([YINSE, *arguments], env=environment(), check=False).returncode
    if code not in accepted:
        sys.exit(f"\n`yinse {arguments[0]}` ended with code {code}; the message above says why.")


def environment() -> dict[str, str]:
    """Voices go to `out/home` instead of the user's own folder."""
    return {**os.environ, "YINSE_HOME": str(OUT / "home")}


def heading(text: str) -> None:
    """A line of its own."""
    print(f"\n=== {text}", flush=True)


def farewell(seconds: float) -> None:
    """Where everything is, and the three commands for one's own voice."""
    heading(f"Done in {seconds:.0f} s; listen in {OUT}/")
    print("Your own voice takes three commands and about a minute of reading (docs/recording.md):")
    print(f"  {YINSE} check me.wav")
    print(f"  {YINSE} enrol me.wav --voice me")
    print(f'  {YINSE} speak "你好，this is me." --voice me --out hello.wav')


if __name__ == "__main__":
    main()
