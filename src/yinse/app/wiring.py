"""Settings to ports: the only place that chooses implementations."""

import sys
from dataclasses import dataclass
from importlib import resources

from yinse.contracts.backend import CoachBackend, EnrolmentBackend, SpeechBackend, TrainingBackend
from yinse.contracts.speech import Preset
from yinse.contracts.storage import BlobStore
from yinse.service.db import Database, KeysBase
from yinse.service.keystore.service import KeyStore
from yinse.service.objects import store
from yinse.service.ports import Ports
from yinse.service.tracing import Tracing, opentelemetry
from yinse.service.upgrade import upgrade
from yinse.service.voices import presets
from yinse.serving.presets import presets_of
from yinse.settings import Settings
from yinse.vault.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Engine:
    """The four ports to the engine."""

    speech: SpeechBackend
    enrolment: EnrolmentBackend
    training: TrainingBackend
    coach: CoachBackend


def build_ports(settings: Settings) -> Ports:
    """Wire a service. Raises `InsecureConfiguration`, `CorruptFile`."""
    settings.prepare()
    keyring = Keyring(settings.vault.provider(settings.home))
    blobs = build_blobs(settings)
    engine = build_engine(settings, blobs, keyring)
    return Ports(
        options=settings.service,
        secret=settings.secret(),
        database=Database(settings.database_url),
        keys=KeyStore(Database(settings.keys_url, secure_delete=True), keyring),
        blobs=blobs,
        speech=engine.speech,
        enrolment=engine.enrolment,
        training=engine.training,
        coach=engine.coach,
        presets=build_presets(settings),
        tracing=opentelemetry() if settings.service.tracing else Tracing(),
    )


def build_presets(settings: Settings) -> tuple[Preset, ...]:
    """The voices that ship with the weights, where the host wants them; the fake engine has no weights."""
    if settings.serving.engine == "fake" or not settings.service.presets:
        return ()
    return presets_of(settings.serving)


def build_blobs(settings: Settings) -> BlobStore:
    """S3 where it is configured, else a folder."""
    if settings.service.s3 is not None:
        return store.s3(settings.service.s3)
    return store.folder(settings.objects)


def build_engine(settings: Settings, blobs: BlobStore, keyring: Keyring) -> Engine:
    """The engine in processes beside this one, or in this one where that is asked for."""
    if settings.serving.engine == "fake" or not settings.serving.engine_processes:
        return build_local_engine(settings, blobs, keyring)
    from yinse.serving.coach import LocalCoach
    from yinse.serving.crew import Crew, CrewEnrolment, CrewSpeech, CrewTraining, Recipe

    alone = settings.model_copy(
        update={"serving": settings.serving.model_copy(update={"processes": 0, "threads": 1})}
    )
    command = (sys.executable, "-m", "yinse.app.engine_process")
    speakers = [Recipe(command, (alone, False))] * settings.serving.engine_processes
    crew = Crew(speakers, Recipe(command, (alone, True)), settings.serving.streams)
    enrolment = CrewEnrolment(crew)
    coach = LocalCoach(reading_prompts, enrolment.embed)
    return Engine(CrewSpeech(crew), enrolment, CrewTraining(crew), coach)


def build_local_engine(settings: Settings, blobs: BlobStore, keyring: Keyring) -> Engine:
    """The engine in this process, or the honest fake."""
    if settings.serving.engine == "fake":
        from yinse.serving import fake

        return Engine(
            fake.FakeSpeech(blobs, keyring),
            fake.FakeEnrolment(blobs, keyring),
            fake.FakeTraining(blobs, keyring),
            fake.FakeCoach(),
        )
    from yinse.app.training import LocalTraining
    from yinse.serving.coach import LocalCoach
    from yinse.serving.listening import LocalEnrolment
    from yinse.serving.local import LocalSpeech
    from yinse.serving.replica import Replica

    replica = Replica(settings.serving, blobs, keyring)
    enrolment = LocalEnrolment(replica)
    coach = LocalCoach(reading_prompts, enrolment.embed)
    return Engine(LocalSpeech(replica), enrolment, LocalTraining(replica), coach)


def reading_prompts(language: str) -> tuple[str, ...]:
    """Sentences to read aloud in guided mode, one a line of the corpus's own lists."""
    file = resources.files("yinse.corpus") / "data" / f"enrol_prompts_{language}.txt"
    lines = file.read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


async def open_databases(ports: Ports) -> None:
    """Bring both databases to the newest version. Safe in several processes at once."""
    await upgrade(ports.database)
    await ports.keys.database.create(KeysBase.metadata)
    await (
        ports.keys.signer()
    )  # from the first day on, so that every backup has the key that receipts are checked with
    await presets.ensure(ports)


async def close_databases(ports: Ports) -> None:
    """Close every connection."""
    await ports.database.close()
    await ports.keys.database.close()
