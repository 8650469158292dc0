"""The service on a real PostgreSQL: migrations, the queue under racing workers, and a whole life of a voice."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy.exc import IntegrityError

from service.audit.test_triggers import ATTEMPTS, FORWARD, KEPT, cases
from service.test_fuzz import EXAMPLES, Fuzzer
from service.test_permissions import Belongings
from yinse.contracts.refusals import QuotaExceeded
from yinse.service.accounts import quota
from yinse.service.accounts.service import create_account
from yinse.service.audit import service as audit
from yinse.service.audit.service import record, verify
from yinse.service.clock import utc_now
from yinse.service.db import Base, Database, KeysBase
from yinse.service.jobs import queue
from yinse.service.jobs.tables import JobRow
from yinse.service.options import ServiceOptions
from yinse.service.principal import Role
from yinse.service.tables import METADATA
from yinse.service.upgrade import upgrade
from yinse.service.voices.tables import VoiceRow, VoiceState


async def emptied(url):
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.execute(sa.text("drop schema public cascade"))
        await connection.execute(sa.text("create schema public"))
    return database


def on_postgres(url, function):
    async def run():
        database = await emptied(url)
        try:
            await upgrade(database)
            return await function(database)
        finally:
            await database.close()

    return asyncio.run(run())


@pytest.fixture
def options(postgres, limits):
    async def clean():
        database = await emptied(postgres)
        await database.close()

    asyncio.run(clean())
    return ServiceOptions(limits=limits, database_url=postgres)


def test_migrations_make_exactly_the_tables_that_the_code_uses(postgres):
    async def run(database):
        await database.create(KeysBase.metadata)
        await upgrade(database)
        async with database.engine.connect() as connection:
            return await connection.run_sync(differences)

    def ours(_item, name, kind, _reflected, _compare):
        return kind != "table" or name in METADATA.tables

    def differences(connection):
        context = MigrationContext.configure(connection, opts={"include_object": ours})
        return compare_metadata(context, Base.metadata)

    assert on_postgres(postgres, run) == []


def test_processes_that_start_at_once_make_the_tables_once(postgres):
    async def start():
        database = Database(postgres)
        try:
            await upgrade(database)
            await database.create(KeysBase.metadata)
        finally:
            await database.close()

    async def run():
        await (await emptied(postgres)).close()
        return await asyncio.gather(*(start() for _ in range(6)), return_exceptions=True)

    assert asyncio.run(run()) == [None] * 6


def test_racing_workers_never_share_a_job(postgres):
    from datetime import timedelta

    async def run(database):
        async with database.transaction() as session:
            for _ in range(30):
                queue.enqueue(session, utc_now(), "test", "acct_a", {})

        async def work(name):
            taken = []
            while job := await queue.claim(database, name, utc_now(), timedelta(seconds=30)):
                taken.append(job.id)
            return taken

        return await asyncio.gather(*(work(f"w{n}") for n in range(6)))

    taken = [job for jobs in on_postgres(postgres, run) for job in jobs]
    assert len(taken) == len(set(taken)) == 30


def raced(house, change, request):
    """Answer a request that begins while a transaction holds what it changed; that commits once the request waits."""
    begun, answered = threading.Event(), threading.Event()
    waiting = sa.text("select count(*) from pg_stat_activity where wait_event_type = 'Lock'")

    async def waits():
        async with house.ports.database.transaction(write=False) as session:
            return bool(await session.scalar(waiting))

    async def hold():
        async with house.ports.database.transaction() as session:
            await change(session)
            await session.flush()
            begun.set()
            while not answered.is_set() and not await waits():
                await asyncio.sleep(0.01)

    held = house.client.portal.start_task_soon(hold)
    assert begun.wait(60)
    try:
        return request()
    finally:
        answered.set()
        held.result(60)


def test_a_job_that_ends_while_it_is_cancelled_ends_once(house, ann, voices):
    order = {"text": "字" * 100, "voice": voices.ready(ann)}
    job = ann.post("/v1/speech/jobs", json=order).json()

    async def succeed(session):
        queue.succeed(await session.get_one(JobRow, job["id"]), {}, house.clock.now)

    answer = raced(house, succeed, lambda: ann.post(f"/v1/jobs/{job['id']}/cancel"))
    assert answer.json()["state"] == "succeeded"
    assert ann.get("/v1/me").json()["characters_used"] == 100


def test_a_voice_that_is_deleted_while_it_is_restored_stays_deleted(house, ann, voices):
    voice = voices.ready(ann)
    ann.post(f"/v1/voices/{voice}/revoke")

    async def delete(session):
        (await session.get_one(VoiceRow, voice)).state = VoiceState.DELETED.value

    assert raced(house, delete, lambda: ann.post(f"/v1/voices/{voice}/restore")).status_code == 404
    assert ann.get(f"/v1/voices/{voice}").status_code == 404


def test_racing_requests_never_overdraw_a_quota(postgres):
    async def run(database):
        async with database.transaction() as session:
            account = (await create_account(session, utc_now(), display_name="A")).id

        async def take():
            try:
                async with database.transaction() as session:
                    await quota.reserve(session, account, 30, 100, utc_now())
            except QuotaExceeded:
                return 0
            return 30

        return sum(await asyncio.gather(*(take() for _ in range(8))))

    assert on_postgres(postgres, run) == 90


async def add_event(database, number):
    async with database.transaction() as session:
        await record(session, utc_now(), account_id=None, actor="a", action="test", subject=str(number))


async def verdict_of(database):
    async with database.transaction(write=False) as session:
        return await verify(session)


def test_racing_events_make_one_chain(postgres):
    async def run(database):
        await add_event(database, 0)
        await asyncio.gather(*(add_event(database, number) for number in range(1, 12)))
        return await verdict_of(database)

    verdict = on_postgres(postgres, run)
    assert (verdict.intact, verdict.events) == (True, 12)


def test_events_that_are_added_while_the_chain_is_walked_do_not_break_it(postgres, monkeypatch):
    found = audit._flaw

    def flaw(row, number, previous):
        if number == 2:
            writer.submit(asyncio.run, elsewhere()).result(60)
        return found(row, number, previous)

    async def elsewhere():
        database = Database(postgres)
        await add_event(database, 9)
        await database.close()

    async def run(database):
        for number in range(3):
            await add_event(database, number)
        return await verdict_of(database)

    monkeypatch.setattr(audit, "_flaw", flaw)
    with ThreadPoolExecutor(1) as writer:
        verdict = on_postgres(postgres, run)
    assert (verdict.intact, verdict.events) == (True, 3)


def test_events_of_the_audit_log_stay_and_its_head_only_moves_on(postgres):
    truncations = {KEPT: ["truncate audit_events"], FORWARD: ["truncate audit_head"]}

    async def run(database):
        for number in range(5):
            await add_event(database, number)
        for statement, told in cases(ATTEMPTS, truncations):
            with pytest.raises(IntegrityError, match=told):
                async with database.transaction() as session:
                    await session.execute(sa.text(statement))
        return await verdict_of(database)

    verdict = on_postgres(postgres, run)
    assert (verdict.intact, verdict.events) == (True, 5)


def test_the_chain_tells_of_an_owner_who_switched_the_triggers_off(postgres):
    async def run(database):
        for number in range(5):
            await add_event(database, number)
        async with database.alone() as connection:
            await connection.execute(sa.text("alter table audit_events disable trigger user"))
            await connection.execute(sa.text("delete from audit_events where number = 3"))
        return await verdict_of(database)

    verdict = on_postgres(postgres, run)
    assert (verdict.intact, verdict.broken_at) == (False, 3)


_TRIGGERS = """
select tgname, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) from pg_trigger
where not tgisinternal order by tgname
"""


async def triggers_of(database):
    async with database.transaction(write=False) as session:
        return (await session.execute(sa.text(_TRIGGERS))).all()


def test_migrations_make_the_triggers_that_the_tables_are_declared_with(postgres):
    async def run(migrated):
        found = await triggers_of(migrated)
        declared = await emptied(postgres)
        await declared.create(Base.metadata)
        return found, await triggers_of(declared), await declared.close()

    found, declared, _ = on_postgres(postgres, run)
    assert len(found) == 6
    assert found == declared


def test_a_dump_of_an_older_version_is_upgraded_where_a_newer_one_was(postgres):
    """`pg_restore --clean` replaces tables with their triggers, not a function that the dump does not know."""

    async def run(database):
        made = await triggers_of(database)
        async with database.alone() as connection:
            for name, definition, _ in made:
                table = definition.partition(" ON public.")[2].partition(" ")[0]
                await connection.execute(sa.text(f"drop trigger {name} on {table}"))
            await connection.execute(sa.text("alter table jobs drop column error_recording"))  # of 0009
            await connection.execute(sa.text("update alembic_version set version_num = '0007'"))
        await upgrade(database)
        return made, await triggers_of(database)

    made, again = on_postgres(postgres, run)
    assert made == again != []


def test_what_postgres_cannot_store_is_a_refusal_and_what_it_can_is_kept(house, ann, voices):
    voice = voices.ready(ann)
    order = {"text": "你好", "voice": voice, "format": "pcm", "controls": {"seed": 2**32 - 1}}
    assert ann.post("/v1/speech", json=order).status_code == 200
    assert ann.get("/v1/history").json()["items"][0]["seed"] == 2**32 - 1
    for answer in (
        ann.patch(f"/v1/voices/{voice}", json={"description": "a\x00b"}),
        ann.get("/v1/history", params={"voice_id": "a\x00b"}),
        ann.get("/v1/voices/a%00b"),
    ):
        assert (answer.status_code, answer.json()["code"]) == (422, "not_storable")
    assert ann.get(f"/v1/voices/{voice}").json()["description"] == ""


def test_no_generated_request_breaks_the_server(house, app, voices):
    caller = house.caller()
    fuzzer = Fuzzer(house, caller, Belongings(caller, voices).ids)
    fuzzer.run(app, EXAMPLES // 2)
    assert fuzzer.broken == []


def test_a_whole_life_of_a_voice(house, ann, bob, voices):
    voice, _ = voices.shared(ann, bob)
    order = {"text": "你好,世界。", "voice": voice, "format": "pcm", "controls": {"seed": 3}}
    assert bob.post("/v1/speech", json=order).content == ann.post("/v1/speech", json=order).content
    job = ann.post("/v1/speech/jobs", json={**order, "text": "长文。" * 200}).json()
    voices.work()
    assert ann.get(f"/v1/jobs/{job['id']}").json()["state"] == "succeeded"
    item = ann.get("/v1/history").json()["items"][0]
    assert ann.put(f"/v1/history/{item['id']}/rating", json={"rating": 5}).status_code == 200
    assert ann.get(f"/v1/voices/{voice}/feedback").json()["weeks"][0]["mean_rating"] == 5.0
    assert ann.delete(f"/v1/voices/{voice}").json()["statement"]["object_count"] >= 4
    assert bob.post("/v1/speech", json=order).status_code == 404
    voices.work()

    operator = house.caller(role=Role.OPERATOR)
    assert operator.get("/v1/operator/audit").json()["intact"]
