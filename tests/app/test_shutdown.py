"""Ending a service: what speaks finishes, new speech is refused, jobs are given back, nothing hangs."""

import asyncio
import json
import threading
import time
from contextlib import contextmanager, suppress

import httpx
import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from app.conftest import key_of, make_voice, say
from yinse.app import administration, server
from yinse.app.api import create_app
from yinse.app.server import Graceful, config_for
from yinse.contracts.speech import AudioChunk
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.jobs.worker import JobKind, Outcome, Worker

SENTENCE = "字" * 400
PACE = 0.02
"""Seconds for five characters: an utterance lasts long enough to be interrupted, were it not let finish."""


@contextmanager
def serving(settings, drain_seconds):
    """A real server in a thread, its address, and a client; it ends with the block at the latest."""
    service = settings.service.model_copy(update={"drain_seconds": drain_seconds})
    app = create_app(settings.model_copy(update={"service": service}))
    started = threading.Event()
    running = Graceful(config_for(app, "127.0.0.1", 0, service), app.state.ports, started.set)
    thread = threading.Thread(target=running.run, daemon=True)
    thread.start()
    assert started.wait(120)
    url = f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    try:
        with httpx.Client(base_url=url, timeout=120) as client:
            yield running, client, app.state.ports
    finally:
        running.should_exit = True
        thread.join(120)
        assert not thread.is_alive()


def waits_until_it_refuses(client):
    deadline = time.monotonic() + 60
    while (answer := client.get("/readyz")).status_code == 200:
        assert time.monotonic() < deadline
    assert [name for name, good in answer.json()["checks"].items() if not good] == ["accepting"]


def held_after_the_first_sound(speech, monkeypatch):
    """Let the next utterance wait for the event that is returned, however long a busy machine takes to set it."""
    stream, go_on = speech.stream, threading.Event()

    async def held(request):
        async for event in stream(request):
            yield event
            if isinstance(event, AudioChunk):
                await asyncio.to_thread(go_on.wait, 120)

    monkeypatch.setattr(speech, "stream", held)
    return go_on


def test_a_stream_finishes_and_new_speech_is_refused(settings, monkeypatch):
    headers = key_of(settings)
    with serving(settings, 60) as (running, client, ports):
        voice = make_voice(client, headers)["id"]
        whole = say(client, headers, voice, SENTENCE).content
        go_on = held_after_the_first_sound(ports.speech, monkeypatch)
        order = {"text": SENTENCE, "voice": voice, "format": "pcm", "controls": {"seed": 1}}
        with client.stream("POST", "/v1/speech", json=order, headers=headers) as stream:
            pieces = stream.iter_raw()
            heard = next(pieces)
            running.should_exit = True
            waits_until_it_refuses(client)
            refused = say(client, headers, voice)
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
            go_on.set()
            heard += b"".join(pieces)
    assert heard == whole


def test_an_utterance_on_a_socket_finishes(settings):
    headers = key_of(settings)
    with serving(settings, 60) as (running, client, ports):
        voice = make_voice(client, headers)["id"]
        ports.speech._pace = PACE
        address = str(client.base_url.copy_with(scheme="ws", path="/v1/speech/live"))
        with connect(address, additional_headers=headers) as line:
            line.send(json.dumps({"type": "start", "voice": voice}))
            line.send(json.dumps({"type": "text", "text": SENTENCE + "。"}))
            line.send(json.dumps({"type": "end"}))
            heard, messages = b"", []
            for message in line:
                running.should_exit = True
                if isinstance(message, bytes):
                    heard += message
                else:
                    messages.append(json.loads(message))
    assert messages[-1] == {"type": "done"}
    assert len(heard) == len(SENTENCE + "。") * 2 * round(0.06 * 24000)


def test_a_socket_that_waits_for_text_is_told_why_it_closes(settings):
    headers = key_of(settings)
    with serving(settings, 60) as (running, client, _):
        voice = make_voice(client, headers)["id"]
        address = str(client.base_url.copy_with(scheme="ws", path="/v1/speech/live"))
        with connect(address, additional_headers=headers) as line:
            line.send(json.dumps({"type": "start", "voice": voice}))
            running.should_exit = True
            (message,) = told(line)
    assert (message["type"], message["problem"]["code"]) == ("error", "at_capacity")


def told(line):
    """Everything until the other side closes, for whatever reason."""
    messages = []
    with suppress(ConnectionClosed):
        while True:
            messages.append(json.loads(line.recv()))
    return messages


def test_a_stream_that_takes_too_long_is_cut(settings, monkeypatch):
    monkeypatch.setattr(server, "_LAST_SECONDS", 0)
    headers = key_of(settings)
    with serving(settings, 0) as (running, client, ports):
        voice = make_voice(client, headers)["id"]
        ports.speech._pace = 60.0
        order = {"text": SENTENCE, "voice": voice, "format": "wav"}
        cut = threading.Event()

        def listen():
            with pytest.raises(httpx.HTTPError):
                client.post("/v1/speech", json=order, headers=headers).raise_for_status()
            cut.set()

        listener = threading.Thread(target=listen)
        listener.start()
        while not ports.live.count:
            assert listener.is_alive()
            time.sleep(0.01)
        running.should_exit = True
        assert cut.wait(60)
        listener.join()


class Hesitant(Worker):
    """Is told to end while it is claiming a job."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.claimed, self.go_on = asyncio.Event(), asyncio.Event()

    async def _claim(self):
        job = await super()._claim()
        if job is not None:
            self.claimed.set()
            await self.go_on.wait()
        return job


def test_a_job_that_is_being_claimed_when_the_end_comes_is_given_back(settings):
    async def endless(task):
        await asyncio.Event().wait()
        return Outcome()

    async def scene():
        async with administration.house(settings) as ports:
            async with ports.database.transaction() as session:
                jobs = [queue.enqueue(session, ports.clock(), "test", "acct_a", {}).id for _ in range(2)]
            worker = Hesitant(ports, {"test": JobKind(endless)})
            working = asyncio.create_task(worker.run())
            await worker.claimed.wait()
            ending = asyncio.create_task(worker.stop(0))
            await asyncio.sleep(0)
            worker.go_on.set()
            await asyncio.gather(ending, working)
            async with ports.database.transaction(write=False) as session:
                return [await session.get_one(JobRow, job) for job in jobs]

    rows = asyncio.run(scene())
    assert [(row.state, row.attempt, row.worker) for row in rows] == [("queued", 0, None)] * 2


def test_a_proxy_is_believed_only_where_it_is_trusted(settings):
    """Behind a proxy every caller has an address of their own; anybody else may claim what they like."""
    strict = settings.service.limits.model_copy(update={"anonymous": "2/minute"})

    def answers(trusted):
        service = settings.service.model_copy(update={"limits": strict, "trusted_proxies": trusted})
        with serving(settings.model_copy(update={"service": service}), 0) as (_, client, _):
            return [
                client.get("/v1/receipts/key", headers={"X-Forwarded-For": f"203.0.113.{n}"}).status_code
                for n in range(4)
            ]

    assert answers("127.0.0.0/8") == [200] * 4
    assert answers("192.0.2.1") == [200, 200, 429, 429]
