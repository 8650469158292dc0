"""The main job in one go: speak with a preset voice, clone a recording, speak with it. `make run` runs this.

Everything it writes lies in `out/`, the cloned voice included.
"""

import argparse
import os
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path

OUT = Path("out")
SENTENCES = {
    "zh": ("beibei", "你好，这是我的新声音。今天天气真好，我们出去走走吧！"),
    "en": ("kathleen", "Hello, this is my new voice. It reads whatever you write."),
    "ja": ("mei", "こんにちは、これは私の新しい声です。今日はいい天気ですね。"),
}
CLONE = "my-first-voice"


def yinse(*arguments: str) -> None:
    """Run one yinse command as a user would, showing it first."""
    print(f"\n$ yinse {' '.join(a if ' ' not in a else repr(a) for a in arguments)}", flush=True)
    environment = {**os.environ, "YINSE_HOME": str(OUT / "home")}
    command = [str(Path(sys.executable).with_name("yinse")), *arguments]
    if subprocess.run(command, env=environment, check=False).returncode:
        sys.exit(f"`yinse {arguments[0]}` failed; see the message above")


def bundled_recording() -> Path:
    """A real recording that a dependency ships: a sentence of CMU ARCTIC in pysptk."""
    spec = find_spec("pysptk")
    if spec is None or spec.origin is None:
        sys.exit("no recording at hand: give your own with make run REC=me.wav")
    return Path(spec.origin).parent / "example_audio_data" / "arctic_a0007.wav"


def main() -> None:
    """Speak three languages, clone, speak with the clone, and say what to do next."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recording", type=Path, help="your own recording of about a minute")
    recording = parser.parse_args().recording or bundled_recording()
    began = time.perf_counter()
    OUT.mkdir(exist_ok=True)
    for language, (voice, text) in SENTENCES.items():
        yinse("speak", text, "--voice", voice, "--out", str(OUT / f"preset-{language}.wav"))
    yinse("check", str(recording))
    yinse("enrol", str(recording), "--voice", CLONE, "--replace")
    for language, (_, text) in SENTENCES.items():
        yinse("speak", text, "--voice", CLONE, "--out", str(OUT / f"clone-{language}.wav"))
    print(
        f"\nDone in {time.perf_counter() - began:.0f} s; the recordings are in {OUT}/. Your own voice takes three commands:"
    )
    print("  .venv/bin/yinse check me.wav")
    print("  .venv/bin/yinse enrol me.wav --voice me")
    print('  .venv/bin/yinse speak "你好，这是我的声音。" --voice me --out hello.wav')


if __name__ == "__main__":
    main()
