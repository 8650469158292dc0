"""What is asked again and again finds its rows by an index, in their order, with few statements."""

import pytest
from sqlalchemy import event

GROWING = ("generations", "jobs", "objects", "audit_events", "voices", "grants", "api_keys", "sessions")


@pytest.fixture
def asked(house):
    """Statements on both databases, with their parameters."""
    found = {"main": [], "keys": []}
    for name, database in (("main", house.ports.database), ("keys", house.ports.keys.database)):

        def note(_connection, _cursor, statement, parameters, *_, name=name):
            found[name].append((statement, parameters))

        event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    return found


def plans_of(house, statements):
    async def run():
        async with house.ports.database.engine.connect() as connection:
            found = []
            for statement, parameters in statements:
                rows = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                found += [(row.detail, statement) for row in rows]
            return found

    return house.run(run)


@pytest.mark.parametrize(
    "path",
    [
        "/v1/history",
        "/v1/history?voice_id={voice}&before=gen_zzz",
        "/v1/jobs",
        "/v1/grants",
        "/v1/voices/{voice}",
        "/v1/voices/{voice}/feedback",
        "/v1/voices/{voice}/grants",
    ],
)
def test_pages_are_read_in_the_order_of_an_index(house, ann, voices, asked, path):
    voice = voices.ready(ann)
    asked["main"].clear()
    assert ann.get(path.format(voice=voice)).status_code == 200
    statements = [one for one in asked["main"] if one[0].startswith("SELECT")]
    assert statements
    for detail, statement in plans_of(house, statements):
        scanned = any(detail.startswith(f"SCAN {table}") for table in GROWING)
        sorted_again = "TEMP B-TREE" in detail and ("generations" in statement or "FROM jobs" in statement)
        assert not scanned, statement
        assert not sorted_again, statement


def test_a_page_of_history_takes_as_many_statements_as_an_utterance(house, ann, voices, asked):
    voice, counts = voices.ready(ann), []
    for text in ("一。", "二。", "三。"):
        ann.post("/v1/speech", json={"text": text, "voice": voice, "format": "pcm"})
        for statements in asked.values():
            statements.clear()
        assert ann.get("/v1/history").status_code == 200
        counts.append([len(statements) for statements in asked.values()])
    assert counts[0] == counts[1] == counts[2]


def test_what_is_too_old_is_found_by_an_index(house, asked):
    from yinse.service.history.retention import forget_old

    house.run(forget_old, house.ports)
    plans = plans_of(house, [one for one in asked["main"] if "FROM generations" in one[0]])
    assert ["ix_generations_created_at" in detail for detail, _ in plans if "generations" in detail] == [True]
