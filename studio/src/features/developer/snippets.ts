/** How to speak from a program; each snippet runs as it is once the key and the voice are filled in. */

export type SnippetName = "curl" | "python" | "openai" | "elevenlabs" | "javascript";

export const SNIPPETS: readonly SnippetName[] = ["curl", "python", "openai", "elevenlabs", "javascript"];

export function snippet(name: SnippetName, origin: string, voice: string): string {
  switch (name) {
    case "curl":
      return `curl --fail-with-body ${origin}/v1/speech \\
  -H "Authorization: Bearer $YINSE_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{"text": "你好,世界。", "voice": "${voice}", "format": "mp3"}' \\
  --output hello.mp3`;
    case "python":
      return `# pip install httpx
import os, httpx

order = {"text": "你好,世界。", "voice": "${voice}", "format": "wav"}
headers = {"Authorization": f"Bearer {os.environ['YINSE_KEY']}"}
with httpx.stream("POST", "${origin}/v1/speech", json=order, headers=headers, timeout=60) as answer:
    answer.raise_for_status()
    with open("hello.wav", "wb") as file:
        for piece in answer.iter_bytes():
            file.write(piece)`;
    case "openai":
      return `# pip install openai
import os
from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=os.environ["YINSE_KEY"])
with client.audio.speech.with_streaming_response.create(
    model="yinse", voice="${voice}", input="Hello, world."
) as answer:
    answer.stream_to_file("hello.mp3")`;
    case "elevenlabs":
      return `# pip install elevenlabs
import os
from elevenlabs.client import ElevenLabs

client = ElevenLabs(base_url="${origin}", api_key=os.environ["YINSE_KEY"])
audio = client.text_to_speech.convert("${voice}", text="Hello, world.")
with open("hello.mp3", "wb") as file:
    for piece in audio:
        file.write(piece)`;
    case "javascript":
      return `// node hello.mjs
import fs from "node:fs";

const answer = await fetch("${origin}/v1/speech", {
  method: "POST",
  headers: {
    Authorization: \`Bearer \${process.env.YINSE_KEY}\`,
    "Content-Type": "application/json",
  },
  body: JSON.stringify({ text: "你好,世界。", voice: "${voice}", format: "mp3" }),
});
if (!answer.ok) throw new Error((await answer.json()).detail);
await fs.promises.writeFile("hello.mp3", Buffer.from(await answer.arrayBuffer()));`;
  }
}
