import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from service.conftest import stored
from yinse.contracts.errors import InvalidInput
from yinse.contracts.refusals import BackendFailed
from yinse.service.jobs import endpoints, queue
from yinse.service.jobs.tables import JobRow
from yinse.service.jobs.worker import JobKind, LeaseLost, Outcome, Worker

LEASE = timedelta(seconds=30)


def add(house, kind="test", account_id="acct_a", **kwargs):
    async def run():
        async with house.ports.database.transaction() as session:
            job = queue.enqueue(session, house.clock.now, kind, account_id, {"n": 1}, **kwargs)
        return job.id

    return house.run(run)


def look(house, job_id):
    async def run():
        async with house.ports.database.transaction(write=False) as session:
            return await session.get_one(JobRow, job_id)

    return house.run(run)


def claim(house, worker="w1"):
    return house.run(queue.claim, house.ports.database, worker, house.clock.now, LEASE)


def worker(house, handler, on_failure=None):
    return Worker(house.ports, {"test": JobKind(handler, on_failure)})


def test_jobs_are_claimed_once_and_oldest_first(house):
    first, second = add(house), add(house)
    assert [claim(house).id, claim(house, "w2").id] == [first, second]
    assert claim(house) is None


def test_whoever_queues_many_makes_nobody_wait_for_all_of_them(house):
    many = [add(house) for _ in range(3)]
    other = add(house, account_id="acct_b")
    assert [claim(house).id, claim(house).id] == [many[0], other]
    assert [claim(house).id, claim(house).id] == many[1:]


def test_kinds_that_are_busy_enough_stand_in_nobodys_way(house):
    going, done = asyncio.Event(), []

    async def long(task):
        await going.wait()
        return Outcome({})

    async def short(task):
        done.append(task.job.id)
        going.set()
        return Outcome({})

    jobs = [add(house, "long") for _ in range(3)] + [add(house, "short", account_id="acct_b")]

    async def run():
        working = Worker(house.ports, {"long": JobKind(long), "short": JobKind(short)})
        task = asyncio.create_task(working.run())
        await asyncio.wait_for(going.wait(), 30)
        running = sum(kind == "long" for kind in working._running.values())
        await working.stop(30)
        await task
        return running

    assert house.run(run) == 1
    assert done == jobs[3:]


def test_many_workers_never_share_a_job(house):
    for _ in range(20):
        add(house)

    async def race():
        async def work(name):
            taken = []
            while job := await queue.claim(house.ports.database, name, house.clock.now, LEASE):
                taken.append(job.id)
            return taken

        return await asyncio.gather(*(work(f"w{n}") for n in range(5)))

    taken = [job for jobs in house.run(race) for job in jobs]
    assert len(taken) == len(set(taken)) == 20


def test_a_silent_worker_loses_its_job_and_cannot_complete_it(house):
    add(house)
    lost = claim(house)
    house.clock.forward(seconds=31)
    taken = claim(house, "w2")
    assert (taken.id, taken.attempt) == (lost.id, 2)
    assert not house.run(queue.heartbeat, house.ports.database, lost, house.clock.now, LEASE, 0.5)
    assert house.run(queue.heartbeat, house.ports.database, taken, house.clock.now, LEASE, 0.5)


def test_a_job_whose_workers_die_again_and_again_fails(house):
    job_id = add(house, max_attempts=2)
    for _ in range(2):
        assert claim(house).id == job_id
        house.clock.forward(seconds=31)
    assert claim(house) is None
    assert (look(house, job_id).state, look(house, job_id).error_code) == ("failed", "worker_lost")


def test_what_a_lost_job_was_about_is_told(house):
    told = []

    async def on_failure(session, job):
        told.append((job.id, job.error_code))

    job_id = add(house, max_attempts=1)
    claim(house)
    house.clock.forward(seconds=31)
    assert house.run(worker(house, None, on_failure).run_pending) == 0
    assert (look(house, job_id).state, told) == ("failed", [(job_id, "worker_lost")])


def test_a_voice_whose_workers_died_is_rejected_and_not_pending_for_ever(house, ann, voices):
    voice = voices.create(ann)
    for _ in range(5):
        claim(house)
        house.clock.forward(seconds=31)
    voices.work()
    assert ann.get(f"/v1/voices/{voice}").json()["state"] == "rejected"


def test_a_heartbeat_that_fails_once_costs_nothing(house, monkeypatch):
    object.__setattr__(house.ports.options, "lease_seconds", 0.05)
    job_id, beats, again = add(house), [], asyncio.Event()
    heartbeat = queue.heartbeat

    async def failing_once(*arguments):
        beats.append(1)
        if len(beats) == 1:
            raise OSError("the database is away")
        again.set()
        return await heartbeat(*arguments)

    async def handler(task):
        await again.wait()
        return Outcome()

    monkeypatch.setattr(queue, "heartbeat", failing_once)
    house.run(worker(house, handler).run_pending)
    assert (look(house, job_id).state, look(house, job_id).attempt) == ("succeeded", 1)


def test_a_result_commits_with_its_effect_once(house):
    applied = []

    async def handler(task):
        await task.progress(0.5)

        async def apply(session):
            applied.append(await session.scalar(select(JobRow.state)))

        return Outcome({"made": 1}, apply)

    job_id = add(house)
    assert house.run(worker(house, handler).run_pending) == 1
    row = look(house, job_id)
    assert (row.state, row.progress, row.result, applied) == ("succeeded", 1.0, {"made": 1}, ["running"])


def test_an_effect_that_breaks_leaves_the_job_to_be_tried_again(house):
    async def handler(task):
        async def apply(session):
            raise RuntimeError("disk full")

        return Outcome({}, apply)

    job_id = add(house)
    house.run(worker(house, handler).run_pending)
    row = look(house, job_id)
    assert (row.state, row.error_code) == ("queued", "error")
    assert "disk" not in row.error_message


@pytest.mark.parametrize(
    ("error", "state", "attempts"),
    [
        (InvalidInput("No."), "failed", 1),
        (BackendFailed("Later."), "queued", 1),
        (KeyError("x"), "queued", 1),
    ],
)
def test_the_callers_errors_end_a_job_and_ours_are_tried_again(house, error, state, attempts):
    async def handler(task):
        raise error

    job_id = add(house)
    house.run(worker(house, handler).run_pending)
    row = look(house, job_id)
    assert (row.state, row.attempt) == (state, attempts)
    if state == "queued":
        assert row.run_after > house.clock.now


def test_the_last_attempt_fails_for_good_and_tells_what_it_was_about(house):
    told = []

    async def handler(task):
        raise BackendFailed("Later.")

    async def on_failure(session, job):
        told.append(job.id)

    job_id = add(house, max_attempts=2)
    runner = worker(house, handler, on_failure)
    house.run(runner.run_pending)
    assert told == []
    house.clock.forward(minutes=5)
    house.run(runner.run_pending)
    assert (look(house, job_id).state, told) == ("failed", [job_id])


def test_a_cancelled_job_stops_at_its_next_heartbeat(house):
    async def handler(task):
        async with task.ports.database.transaction() as session:
            queue.cancel(await session.get_one(JobRow, task.job.id), task.ports.clock())
        await task.progress(0.5)
        raise AssertionError("went on")

    job_id = add(house)
    house.run(worker(house, handler).run_pending)
    assert look(house, job_id).state == "cancelled"


def test_stopping_gives_running_jobs_back_without_spending_an_attempt(house):
    job_id = add(house)

    async def run():
        started = asyncio.Event()

        async def handler(task):
            started.set()
            await asyncio.sleep(60)
            return Outcome()

        runner = worker(house, handler)
        running = asyncio.create_task(runner.run())
        await started.wait()
        await runner.stop(0.05)
        await running

    house.run(run)
    row = look(house, job_id)
    assert (row.state, row.attempt, row.worker) == ("queued", 0, None)


def test_stopping_waits_for_a_job_that_ends_in_time(house):
    job_id = add(house)

    async def run():
        started = asyncio.Event()

        async def handler(task):
            started.set()
            await asyncio.sleep(0.05)
            return Outcome()

        runner = worker(house, handler)
        running = asyncio.create_task(runner.run())
        await started.wait()
        await runner.stop(10)
        await running

    house.run(run)
    assert look(house, job_id).state == "succeeded"


def test_a_handler_that_only_works_notices_a_lost_lease(house):
    object.__setattr__(house.ports.options, "lease_seconds", 0.05)
    job_id = add(house)

    async def run():
        async def handler(task):
            async with task.ports.database.transaction() as session:
                queue.cancel(await session.get_one(JobRow, task.job.id), task.ports.clock())
            await asyncio.sleep(30)
            return Outcome()

        async with asyncio.timeout(10):
            await worker(house, handler).run_pending()

    house.run(run)
    assert look(house, job_id).state == "cancelled"


def test_lease_lost_is_no_failure(house):
    async def handler(task):
        raise LeaseLost

    job_id = add(house)
    house.run(worker(house, handler).run_pending)
    assert look(house, job_id).state == "running"


def test_events_follow_a_job_to_its_end(ann, voices):
    voices.create(ann)
    job = ann.get("/v1/jobs").json()["items"][0]
    voices.work()
    answer = ann.get(f"/v1/jobs/{job['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.startswith("event: job\ndata: ")
    assert '"state":"succeeded"' in answer.text


def test_what_removes_what_was_deleted_is_stopped_by_nobody(house, ann, voices):
    """Or a recording that its owner removed would lie there for ever, and open."""
    voice = voices.ready(ann)
    recording = ann.get(f"/v1/voices/{voice}/recordings").json()["items"][0]["id"]
    ann.delete(f"/v1/voices/{voice}/recordings/{recording}").raise_for_status()
    (purge,) = [job for job in ann.get("/v1/jobs").json()["items"] if job["kind"] == "purge"]
    refused = ann.post(f"/v1/jobs/{purge['id']}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_cancellable")
    voices.work()
    assert not any(recording in path.name for path in stored(house.home))


def test_a_key_that_only_speaks_stops_only_what_is_spoken(house, ann, voices):
    voice = voices.create(ann)
    made = ann.post("/v1/keys", json={"name": "app", "scopes": ["speech"]}).json()
    app = {"Authorization": f"Bearer {made['key']}"}
    enrolment = ann.get("/v1/jobs").json()["items"][0]["id"]
    assert ann.post(f"/v1/jobs/{enrolment}/cancel", headers=app).status_code == 403
    voices.work()
    assert ann.get(f"/v1/voices/{voice}").json()["state"] == "ready"
    text = ann.post("/v1/speech/jobs", json={"text": "字", "voice": voice}, headers=app).json()
    assert ann.post(f"/v1/jobs/{text['id']}/cancel", headers=app).json()["state"] == "cancelled"


@pytest.mark.parametrize("ends", ["revoked", "expired"])
def test_events_end_with_the_key_that_asked_for_them(house, ann, voices, monkeypatch, ends):
    """The job waits, so that they would else go on."""
    voices.create(ann)
    job = ann.get("/v1/jobs").json()["items"][0]["id"]
    expires = (house.clock() + timedelta(hours=1)).isoformat()
    made = ann.post("/v1/keys", json={"name": "app", "scopes": ["speech"], "expires_at": expires}).json()
    monkeypatch.setattr(endpoints, "_POLL_SECONDS", 0)
    asked, looked = endpoints.still_valid, []

    async def ended_after_some(*arguments):
        looked.append(arguments)
        if len(looked) == 2 and ends == "expired":
            house.clock.forward(hours=2)
        if len(looked) == 3 and ends == "revoked":
            await asyncio.to_thread(ann.delete, f"/v1/keys/{made['id']}")
        await asked(*arguments)

    monkeypatch.setattr(endpoints, "still_valid", ended_after_some)
    ann.get(f"/v1/jobs/{job}/events", headers={"Authorization": f"Bearer {made['key']}"})
    assert len(looked) == 3


def test_a_foreign_job_does_not_exist(ann, bob, voices):
    voices.create(ann)
    job = ann.get("/v1/jobs").json()["items"][0]
    for method, path in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        assert bob.request(method, f"/v1/jobs/{job['id']}{path}").status_code == 404
    assert bob.get("/v1/jobs").json()["items"] == []
