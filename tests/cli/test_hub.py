"""Pulling models from hubs, played by a server on this machine."""

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote, urlsplit

import pytest
from click.testing import CliRunner, Result

from yinse.cli.hub import HubUnreachable
from yinse.cli.main import cli
from yinse.contracts.errors import CorruptFile, NotFound
from yinse.engine.checkpoints.published.catalogue import FAMILIES, OFFICIAL, PACKED
from yinse.engine.voice.published.store import library

VOCODER = FAMILIES["vocoder-v4"]
(FILE,) = VOCODER.files
DATA = bytes(range(256)) * 3000
SMALL = "chinese-hubert-base/config.json"


@dataclass
class Shop:
    """What the server offers, and how it misbehaves."""

    files: dict[str, bytes] = field(default_factory=dict)
    break_after: list[int] = field(default_factory=list)
    """For each answer to come: bytes after which the connection breaks."""
    spoil: bool = False
    whole_only: bool = False
    """Whether ranges are ignored."""
    refuse: bool = False
    ranges: list[str | None] = field(default_factory=list)
    endpoint: str = ""


def listing(shop: Shop, path: str) -> object:
    if path in {f"/api/models/{repo.huggingface}/tree/main" for repo in (OFFICIAL, PACKED)}:
        return [{"type": "directory", "path": "sv", "oid": "0", "size": 0}] + [
            {"type": "file", "path": name, "size": len(data), **huggingface_digest(name, data)}
            for name, data in shop.files.items()
        ]
    if path == f"/api/v1/models/{OFFICIAL.modelscope}/repo/files":
        rows = [
            {"Type": "blob", "Path": name, "Size": len(data), "Sha256": hashlib.sha256(data).hexdigest()}
            for name, data in shop.files.items()
        ]
        return {"Code": 200, "Data": {"Files": rows}}
    return None


def huggingface_digest(name: str, data: bytes) -> dict[str, object]:
    git = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    return {"oid": git} if name.endswith(".json") else {
        "oid": "f" * 40, "lfs": {"oid": hashlib.sha256(data).hexdigest(), "size": len(data)}
    }  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    shop: Shop

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        answer = listing(self.shop, path)
        if answer is not None:
            self._send(200, json.dumps(answer).encode())
            return
        for repo, marker in (
            (OFFICIAL.huggingface, "/resolve/main/"),
            (PACKED.huggingface, "/resolve/main/"),
            (f"models/{OFFICIAL.modelscope}", "/resolve/master/"),
        ):
            name = path.removeprefix(f"/{repo}{marker}")
            if name in self.shop.files:
                self._file(self.shop.files[name])
                return
        self._send(404, b"no such thing")

    def _file(self, data: bytes) -> None:
        wanted = self.headers.get("Range")
        self.shop.ranges.append(wanted)
        if self.shop.refuse:
            self._send(503, b"later")
            return
        if self.shop.whole_only:
            wanted = None
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        body = bytes(reversed(data)) if self.shop.spoil else data[start:]
        self._send(206 if start else 200, body)

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        is_file = status == 206 or len(body) == len(DATA)
        cut = self.shop.break_after.pop(0) if is_file and self.shop.break_after else len(body)
        self.wfile.write(body[:cut])
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def shop(monkeypatch) -> Iterator[Shop]:
    offered = Shop({FILE: DATA})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"shop": offered}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    offered.endpoint = f"http://127.0.0.1:{server.server_address[1]}"
    monkeypatch.setenv("HF_ENDPOINT", offered.endpoint)
    monkeypatch.setenv("MODELSCOPE_ENDPOINT", offered.endpoint)
    yield offered
    server.shutdown()
    thread.join()
    server.server_close()


def pull(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["weights", "pull", *arguments])


@pytest.mark.parametrize("hub", ["huggingface", "modelscope"])
def test_a_family_arrives_whole_with_its_digest(shop, hub):
    result = pull("vocoder-v4", "--hub", hub)
    assert result.exit_code == 0, result.exception
    shared = library()
    assert shared.path("vocoder-v4", FILE).read_bytes() == DATA
    assert shared.record("vocoder-v4")[FILE].sha256 == hashlib.sha256(DATA).hexdigest()
    assert shared.verify("vocoder-v4") == []
    assert "vocoder.pth" in result.output
    assert "here already" in pull("vocoder-v4").output
    assert len(shop.ranges) == 1


def test_small_files_are_checked_by_their_git_digest(shop):
    shop.files = {SMALL: b'{"a": 1}', "chinese-hubert-base/pytorch_model.bin": DATA}
    assert pull("hubert").exit_code == 0
    assert library().path("hubert", SMALL).read_bytes() == b'{"a": 1}'


def test_a_transfer_that_breaks_off_goes_on(shop):
    shop.break_after = [100_000]
    assert pull("vocoder-v4").exit_code == 0
    assert shop.ranges == [None, "bytes=100000-"]
    assert library().path("vocoder-v4", FILE).read_bytes() == DATA


def test_a_later_command_resumes_an_earlier_one(shop):
    shop.break_after = [100_000, 50_000, 10]
    result = pull("vocoder-v4")
    assert isinstance(result.exception, HubUnreachable)
    assert "run the same command to go on" in result.exception.message
    assert library().missing(VOCODER) == [FILE]
    assert pull("vocoder-v4").exit_code == 0
    assert shop.ranges[-1] == "bytes=150010-"
    assert library().path("vocoder-v4", FILE).read_bytes() == DATA


def test_a_server_that_ignores_ranges_starts_over(shop):
    shop.break_after, shop.whole_only = [100_000], True
    assert pull("vocoder-v4").exit_code == 0
    assert library().path("vocoder-v4", FILE).read_bytes() == DATA


def test_a_refusal_is_named(shop):
    shop.refuse = True
    result = pull("vocoder-v4")
    assert isinstance(result.exception, HubUnreachable)
    reason = "Hugging Face refused vocoder.pth: 503 Service Unavailable"
    assert result.exception.message == f"{reason}; still missing: {FILE}."


def test_damaged_files_do_not_stay(shop):
    shop.spoil = True
    result = pull("vocoder-v4")
    assert isinstance(result.exception, CorruptFile)
    assert "digest" in result.exception.message
    assert not any(path.is_file() for path in library().root.rglob("*"))


def test_what_the_hub_lacks_is_named(shop):
    result = pull("eres2netv2")
    assert isinstance(result.exception, NotFound)
    assert (
        "lj1995/GPT-SoVITS on Hugging Face lacks sv/pretrained_eres2netv2w24s4ep4.ckpt"
        in result.exception.message
    )


def test_a_repository_that_is_not_there(shop):
    result = pull("bigvgan")
    assert isinstance(result.exception, NotFound)
    assert "has no repository nvidia/" in result.exception.message


def test_without_a_network_one_sentence_says_what_to_do(monkeypatch, yinse_home):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    result = pull("vocoder-v4")
    assert isinstance(result.exception, HubUnreachable)
    assert result.exception.exit_code == 69
    assert "127.0.0.1:9 cannot be reached" in result.exception.message
    assert "--from FOLDER" in result.exception.message
    assert not yinse_home.exists()


def test_what_is_missing_without_a_network_is_told_file_by_file(monkeypatch, yinse_home):
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    families = [FAMILIES[name] for name in ("hubert", "roberta", "eres2netv2")]
    here = library().path("hubert", families[0].files[0])
    here.parent.mkdir(parents=True)
    here.write_text("{}")
    message = pull("conditioning").exception.message
    missing = [file for family in families for file in family.files][1:]
    assert message.endswith(f"use --from FOLDER; still missing: {', '.join(missing)}.")


def test_an_answer_that_is_no_list(shop):
    import httpx

    from yinse.cli import hub as hubs

    strange = hubs.Hub(
        "X", shop.endpoint, lambda r: r.huggingface, "/{repo}", "/{repo}", lambda answer: answer
    )
    with httpx.Client() as client, pytest.raises(NotFound):
        strange.files(client, OFFICIAL)
    wrong = hubs.Hub(
        "X", shop.endpoint, lambda r: r.huggingface, "/api/models/{repo}/tree/main", "", lambda a: a["Data"]
    )
    with httpx.Client() as client, pytest.raises(HubUnreachable, match="no list"):
        wrong.files(client, OFFICIAL)


G2PW = FAMILIES["g2pw"]


def archive(names: list[str]) -> bytes:
    """A zip of files that hold their own names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as packed:
        for name in names:
            packed.writestr(name, name)
    return data.getvalue()


@pytest.fixture
def reader(shop) -> Shop:
    """A hub that also has what G2PW needs."""
    for file in FAMILIES["roberta"].files:
        shop.files[file] = b"{}"
    shop.files["G2PWModel.zip"] = archive([*G2PW.files, "G2PWModel/version", "../../escaped.py"])
    return shop


def test_a_packed_family_is_unpacked_and_nothing_else_of_it_is_kept(reader, tmp_path, yinse_home):
    assert pull("g2pw").exit_code == 0
    shared = library()
    assert shared.missing(G2PW) == []
    assert shared.path("g2pw", G2PW.files[0]).read_text() == "G2PWModel/g2pW.onnx"
    assert shared.verify("g2pw") == []
    kept = {path.name for path in (shared.root / "g2pw").rglob("*") if path.is_file()}
    assert kept == {*(file.split("/")[1] for file in G2PW.files), "pulled.json"}
    assert not list(yinse_home.rglob("escaped.py"))
    assert "here already" in pull("g2pw").output


@pytest.mark.parametrize(
    ("data", "words", "kind"),
    [(archive(["G2PWModel/g2pW.onnx"]), "lacks POLYPHONIC_CHARS.txt, bopomofo", NotFound), (b"no zip", "no archive", CorruptFile)],
)  # fmt: skip
def test_an_archive_that_is_not_the_family_leaves_nothing(reader, data, words, kind):
    reader.files["G2PWModel.zip"] = data
    result = pull("g2pw")
    assert isinstance(result.exception, kind)
    assert words in result.exception.message
    assert not any(path.is_file() for path in (library().root / "g2pw").rglob("*"))
