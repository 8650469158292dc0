import json

from sqlalchemy import select

from yinse.service.accounts.erasure import erase
from yinse.service.context import Context
from yinse.service.history.tables import GenerationRow
from yinse.service.jobs.tables import JobRow
from yinse.service.keystore.tables import AccountKeyRow
from yinse.service.objects.tables import ObjectRow
from yinse.service.principal import Principal, Role
from yinse.serving.fake import FakeSpeech, recording
from yinse.vault.receipts import verify


def test_the_inventory_counts_what_is_stored(ann, voices):
    voice = voices.ready(ann)
    ann.post("/v1/speech", json={"text": "你好", "voice": voice})
    found = ann.get("/v1/me/inventory").json()
    assert found["rows"]["voices"] == 1
    assert found["rows"]["generations"] == 1
    assert found["rows"]["objects"] == 3
    assert found["sealed_bytes"] > 96_000


def test_one_request_destroys_everything_of_one_account_alone(house, ann, bob, voices):
    mine, theirs = [voices.ready(ann), voices.ready(ann, name="二")], voices.ready(bob)
    ann.post("/v1/speech", json={"text": "你好", "voice": mine[0]})
    ann.post("/v1/dictionaries", json={"name": "d", "rules": [{"written": "a", "alias": "b"}]})
    receipts = ann.delete("/v1/me").json()["items"]
    public = house.client.get("/v1/receipts/key").json()["public_key"]
    assert {receipt["statement"]["voice_id"] for receipt in receipts} == set(mine)
    assert all(verify(receipt["statement"], receipt["signature"], public) for receipt in receipts)
    assert ann.get("/v1/me").status_code == 401
    voices.work()
    left = [path for path in (house.home / "objects").rglob("*") if path.is_file()]
    assert left
    assert all(bob.account_id in str(path) for path in left)
    assert bob.post("/v1/speech", json={"text": "你好", "voice": theirs}).status_code == 200


async def kept_of(house, account_id):
    """What a database and the keys hold of an account: utterances, recordings and keys."""
    async with house.ports.database.transaction(write=False) as session:
        texts = await session.scalars(select(GenerationRow).where(GenerationRow.account_id == account_id))
        objects = await session.scalars(select(ObjectRow).where(ObjectRow.account_id == account_id))
        found = [*texts, *objects]
    async with house.ports.keys.database.transaction(write=False) as session:
        key = await session.get(AccountKeyRow, account_id)
    return [*found, *([key] if key else [])]


def test_what_is_being_spoken_while_its_account_is_erased_is_not_kept(house, ann, bob, voices, monkeypatch):
    voice, _ = voices.shared(ann, bob)
    stream, before = FakeSpeech.stream, len(list((house.home / "objects").rglob("obj_gen_*")))

    async def interrupted(self, request):
        principal = Principal(bob.account_id, Role.CREATOR, frozenset(), "test")
        async with house.ports.database.transaction() as session:
            await erase(Context(session, house.ports, principal))
        async for event in stream(self, request):
            yield event

    monkeypatch.setattr(FakeSpeech, "stream", interrupted)
    assert bob.post("/v1/speech", json={"text": "你好", "voice": voice}).status_code == 200
    voices.work()
    assert house.run(kept_of, house, bob.account_id) == []
    assert len(list((house.home / "objects").rglob("obj_gen_*"))) == before


def test_jobs_and_recordings_that_no_voice_takes_along_go_with_the_account(house, ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    job = bob.post("/v1/speech/jobs", json={"text": "很长。" * 50, "voice": voice}).json()
    consent = {"recording": ("c.wav", recording(220, 2.0), "audio/wav")}
    form = {"name": "Bob", "language": "en"}
    assert bob.post("/v1/audio/voice_consents", data=form, files=consent).status_code == 200
    assert bob.delete("/v1/me").status_code == 200
    voices.work()
    assert house.run(kept_of, house, bob.account_id) == []
    assert not [
        path for path in (house.home / "objects").rglob("*") if bob.account_id in str(path) and path.is_file()
    ]

    async def state():
        async with house.ports.database.transaction(write=False) as session:
            return (await session.get_one(JobRow, job["id"])).state

    assert house.run(state) == "cancelled"


def test_an_erased_account_keeps_no_name(house):
    body = {"email": "gone@example.org", "password": "long enough password", "display_name": "Goneril"}
    house.client.post("/v1/accounts", json=body)
    token = house.client.post("/v1/sessions", json={k: body[k] for k in ("email", "password")}).json()[
        "token"
    ]
    house.client.cookies.clear()
    assert house.client.delete("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    house.run(house.ports.database.checkpoint)
    from sqlalchemy import text

    async def dump():
        async with house.ports.database.transaction(write=False) as session:
            rows = await session.execute(text("select * from accounts"))
            audit = await session.execute(text("select * from audit_events"))
            return json.dumps([[str(cell) for cell in row] for row in [*rows, *audit]])

    found = house.run(dump)
    assert "gone@example.org" not in found
    assert "Goneril" not in found
    assert house.client.post("/v1/accounts", json=body).status_code == 201
