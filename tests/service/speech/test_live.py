import asyncio
from contextlib import ExitStack

import pytest
from starlette.testclient import WebSocketDenialResponse

from yinse.contracts.speech import AudioChunk
from yinse.service.principal import Principal, Role, Scope
from yinse.service.sockets import Caller
from yinse.service.speech.dialogue import Dialogue
from yinse.service.speech.media import format_of
from yinse.service.speech.schemas import SpeechOrder
from yinse.serving.fake import RATE, pitch_of


def connect(house, caller, path="/v1/speech/live", **headers):
    return house.client.websocket_connect(path, headers={"Authorization": f"Bearer {caller.key}", **headers})


def hear(socket):
    """Everything until the conversation is over: (audio, messages)."""
    audio, messages = b"", []
    while True:
        message = socket.receive()
        if message["type"] == "websocket.close":
            return audio, messages
        if message.get("bytes") is not None:
            audio += message["bytes"]
        else:
            import json

            messages.append(json.loads(message["text"]))


def test_tokens_in_speech_out(house, ann, voices):
    voice = voices.ready(ann, pitch=300)
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice, "timings": True})
        for token in ("你好", ",我是", "语音。今天", "天气", "很好"):
            socket.send_json({"type": "text", "text": token})
        socket.send_json({"type": "end"})
        audio, messages = hear(socket)
    text = "你好,我是语音。今天天气很好"
    assert len(audio) == len(text) * 2 * round(0.06 * RATE)
    assert pitch_of(audio) == pytest.approx(300, rel=0.02)
    assert messages[-1] == {"type": "done"}
    marks = [mark for message in messages if message["type"] == "timings" for mark in message["marks"]]
    assert "".join(mark["phoneme"] for mark in marks) == text
    starts = [mark["start"] for mark in marks]
    assert starts == sorted(starts)
    assert ann.get("/v1/me").json()["characters_used"] == len(text)


def test_barge_in_silences_and_charges_what_was_heard(house, ann, voices, monkeypatch):
    voice, stream = voices.ready(ann), house.ports.speech.stream

    async def endless(request):
        async for event in stream(request):
            yield event
            if isinstance(event, AudioChunk) and len(request.text) > 100:
                await asyncio.Event().wait()  # until it is interrupted

    monkeypatch.setattr(house.ports.speech, "stream", endless)
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice})
        socket.send_json({"type": "text", "text": "字" * 300 + "。"})
        socket.receive_bytes()
        socket.send_json({"type": "cancel"})
        while True:
            message = socket.receive()
            if message.get("text"):
                assert "cancelled" in message["text"]
                break
        socket.send_json({"type": "text", "text": "新的。"})
        socket.send_json({"type": "end"})
        audio, messages = hear(socket)
    assert len(audio) == 3 * 2 * round(0.06 * RATE)
    assert messages[-1] == {"type": "done"}
    assert ann.get("/v1/me").json()["characters_used"] == 5 + 3


@pytest.mark.parametrize("turns", range(10))
def test_an_interruption_stops_a_piece_that_was_about_to_be_spoken(house, ann, monkeypatch, turns):
    """Both may lie in one packet: then the loop takes them up within a few turns of one another."""
    begun, interrupted = [], False

    async def speak(self, piece):
        begun.append(interrupted)

    async def converse():
        nonlocal interrupted
        principal = Principal(ann.account_id, Role.CREATOR, frozenset(Scope), "test")
        order = SpeechOrder(text="-", voice="any")
        dialogue = Dialogue(Caller(house.ports, principal), order, format_of("pcm"), speak)
        running = asyncio.create_task(dialogue.run())
        for _ in range(5):
            await asyncio.sleep(0)
        await dialogue.feed("好。")
        for _ in range(turns):
            await asyncio.sleep(0)
        dialogue.interrupt()
        interrupted = True
        await dialogue.end()
        await running

    monkeypatch.setattr(Dialogue, "_speak", speak)
    house.run(converse)
    assert True not in begun


def test_an_interruption_is_heard_however_much_waits(house, ann, voices):
    voice = voices.ready(ann)
    house.ports.speech._pace = 0.5
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice})
        socket.send_json({"type": "text", "text": "好。" * 500})
        socket.send_json({"type": "cancel"})
        socket.send_json({"type": "end"})
        audio, messages = hear(socket)
    assert messages[-1] == {"type": "done"}
    assert len(audio) < 100 * 2 * round(0.06 * RATE)


def test_more_text_than_may_wait_is_refused(house, ann, voices):
    voice = voices.ready(ann)
    house.ports.speech._pace = 0.5
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice})
        for _ in range(12):
            socket.send_json({"type": "text", "text": "字" * 4999 + "。"})
        _, messages = hear(socket)
    assert messages[-1]["problem"]["code"] == "too_large"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "start", "voice": "voice_nobody"}, "not_found"),
        ({"type": "start"}, "invalid_input"),
        ({"type": "text", "text": "x"}, "invalid_input"),
        ({"type": "start", "voice": "v", "colour": "red"}, "invalid_input"),
    ],
)
def test_a_wrong_start_says_what_is_wrong(house, ann, message, code):
    with connect(house, ann) as socket:
        socket.send_json(message)
        socket.send_json({"type": "text", "text": "你好。"})
        _, messages = hear(socket)
    assert messages[-1]["problem"]["code"] == code


def test_a_socket_needs_a_credential(house, ann):
    with pytest.raises(WebSocketDenialResponse) as refused, house.client.websocket_connect("/v1/speech/live"):
        pass
    assert refused.value.status_code == 401
    assert refused.value.json()["code"] == "unauthenticated"


@pytest.mark.parametrize(
    "path", ["/v1/coach?rate=1", "/v1/coach?language=xx", "/v1/text-to-speech/v/stream-input?seed=-1"]
)
def test_a_socket_that_is_asked_for_wrongly_is_told_what_is_wrong(house, ann, path):
    with pytest.raises(WebSocketDenialResponse) as refused, connect(house, ann, path):
        pass
    assert (refused.value.status_code, refused.value.json()["code"]) == (422, "invalid_input")
    assert refused.value.json()["errors"][0]["field"].startswith("query.")


def test_a_browser_opens_a_socket_with_a_ticket(house, ann, voices):
    voice = voices.ready(ann)
    token = ann.post("/v1/tickets", json={}).json()["token"]
    with house.client.websocket_connect(f"/v1/speech/live?token={token}") as socket:
        socket.send_json({"type": "start", "voice": voice})
        socket.send_json({"type": "text", "text": "好。"})
        socket.send_json({"type": "end"})
        audio, _ = hear(socket)
    assert audio
    with (
        pytest.raises(WebSocketDenialResponse),
        house.client.websocket_connect(f"/v1/speech/live?token={token}"),
    ):
        pass


def test_deleting_a_voice_stops_what_speaks_in_it(house, ann, voices):
    voice = voices.ready(ann)
    house.ports.speech._pace = 0.05
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice})
        socket.send_json({"type": "text", "text": "字" * 4000 + "。"})
        socket.receive_bytes()
        assert ann.delete(f"/v1/voices/{voice}").status_code == 200
        audio, messages = hear(socket)
    assert messages[-1]["problem"]["code"] == "voice_gone"
    assert len(audio) < 4000 * 2 * round(0.06 * RATE)


def test_the_coach_reports_every_half_second_and_at_the_end(house, ann):
    from yinse.serving.fake import tone

    with connect(house, ann, "/v1/coach?rate=16000&language=zh") as socket:
        for _ in range(10):
            socket.send_bytes(tone(220, 0.1, rate=16000))
        socket.send_text("done")
        _, messages = hear(socket)
    assert [message["type"] for message in messages] == ["report", "report", "done"]
    assert messages[-1]["seconds"] == pytest.approx(1.0)
    assert messages[0]["checks"][0]["advice"]["ja"]


def test_the_coach_has_sentences(ann):
    assert len(ann.get("/v1/coach/sentences", params={"language": "ja"}).json()["sentences"]) >= 3
    assert ann.get("/v1/coach/sentences", params={"language": "fr"}).status_code == 422


def test_a_binary_message_where_text_belongs_is_refused(house, ann):
    with connect(house, ann) as socket:
        socket.send_bytes(b"start")
        _, messages = hear(socket)
    assert messages[-1]["problem"]["code"] == "invalid_input"


def test_a_long_text_without_any_mark_is_spoken_while_it_comes(house, ann, voices):
    voice = voices.ready(ann)
    with connect(house, ann) as socket:
        socket.send_json({"type": "start", "voice": voice})
        for _ in range(3):
            socket.send_json({"type": "text", "text": "字" * 400})
        assert socket.receive_bytes()  # before its end
        socket.send_json({"type": "end"})
        _, messages = hear(socket)
    assert messages[-1] == {"type": "done"}
    assert ann.get("/v1/me").json()["characters_used"] == 1200


def say_and_hear(socket, text):
    socket.send_json({"type": "text", "text": text})
    socket.send_json({"type": "end"})
    return hear(socket)


def test_an_open_socket_ends_with_the_key_that_opened_it(house, ann, voices):
    voice = voices.ready(ann)
    made = ann.post("/v1/keys", json={"name": "k", "scopes": ["speech"]}).json()
    headers = {"Authorization": f"Bearer {made['key']}"}
    with house.client.websocket_connect("/v1/speech/live", headers=headers) as socket:
        socket.send_json({"type": "start", "voice": voice})
        socket.send_json({"type": "text", "text": "好。"})
        assert socket.receive_bytes()
        assert ann.delete(f"/v1/keys/{made['id']}").status_code == 200
        audio, messages = say_and_hear(socket, "还好。")
    assert messages[-1]["problem"]["code"] == "unauthenticated"
    assert audio == b""


@pytest.mark.parametrize("end", ["sign out", "erase"])
def test_what_a_ticket_opened_ends_with_whoever_asked_for_it(house, end):
    who = {"email": "a@example.org", "password": "long enough password"}
    house.client.post("/v1/accounts", json={**who, "display_name": "A"})
    session = house.client.post("/v1/sessions", json=who).json()["token"]
    house.client.cookies.clear()
    headers = {"Authorization": f"Bearer {session}"}
    ticket = house.client.post("/v1/tickets", json={}, headers=headers).json()["token"]
    unused = house.client.post("/v1/tickets", json={}, headers=headers).json()["token"]
    with house.client.websocket_connect(f"/v1/speech/live?token={ticket}") as socket:
        socket.send_json({"type": "start", "voice": "anything"})
        path = "/v1/sessions/current" if end == "sign out" else "/v1/me"
        assert house.client.delete(path, headers=headers).status_code < 300
        _, messages = say_and_hear(socket, "好。")
    assert messages[-1]["problem"]["code"] == "unauthenticated"
    with (
        pytest.raises(WebSocketDenialResponse) as refused,
        house.client.websocket_connect(f"/v1/speech/live?token={unused}"),
    ):
        pass
    assert refused.value.status_code == 401


def test_an_account_keeps_so_many_connections_open_and_no_more(house, ann, bob):
    most = house.ports.options.limits.connections
    with ExitStack() as stack:
        for _ in range(most):
            stack.enter_context(connect(house, ann))
        with pytest.raises(WebSocketDenialResponse) as refused, connect(house, ann):
            pass
        assert (refused.value.status_code, refused.value.headers["retry-after"]) == (429, "1")
        with connect(house, bob):
            pass
    with connect(house, ann):
        pass
