import json

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
