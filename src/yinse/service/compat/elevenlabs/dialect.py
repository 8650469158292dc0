"""Which requests speak ElevenLabs. Its routes lie under `/elevenlabs`; clients know nothing of that.

Paths that only it has are always its own. Paths that others have too (`/v1/voices`, `/v1/models`) are its own
for clients that send its header `xi-api-key`.
"""

import re

from starlette.types import Scope

PREFIX = "/elevenlabs"
_OWN = re.compile(r"^/v1/(text-to-speech/|user(/|$)|voices/(add$|[^/]+/(edit|settings)))|^/v2/voices")
_SHARED = re.compile(r"^/v1/(voices|models)(/|$)")


def translate(scope: Scope) -> None:
    """Rewrite the path of a request in this dialect."""
    path = scope["path"]
    theirs = any(name == b"xi-api-key" for name, _ in scope["headers"])
    if _OWN.match(path) or (theirs and _SHARED.match(path)):
        scope["path"] = PREFIX + path
        scope["raw_path"] = scope["path"].encode()
