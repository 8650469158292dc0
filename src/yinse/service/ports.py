"""Everything the service reaches outside itself, gathered once by a composition root."""

from dataclasses import dataclass, field

from yinse.contracts.backend import CoachBackend, EnrolmentBackend, SpeechBackend, TrainingBackend
from yinse.contracts.speech import Preset
from yinse.contracts.storage import BlobStore
from yinse.service.clock import Clock, utc_now
from yinse.service.db import Database
from yinse.service.keystore.service import KeyStore
from yinse.service.live import Live
from yinse.service.metrics import Metrics
from yinse.service.options import ServiceOptions
from yinse.service.throttle import Throttle
from yinse.service.tracing import Tracing
from yinse.vault.keyring import Keyring


@dataclass(frozen=True, slots=True)
class Ports:
    """Database, keys, objects, engine, time. Tests replace one of them, never a module."""

    options: ServiceOptions
    secret: bytes = field(repr=False)
    database: Database
    keys: KeyStore
    blobs: BlobStore
    speech: SpeechBackend
    enrolment: EnrolmentBackend
    training: TrainingBackend
    coach: CoachBackend
    presets: tuple[Preset, ...] = ()
    clock: Clock = utc_now
    throttle: Throttle = field(default_factory=Throttle)
    metrics: Metrics = field(default_factory=Metrics)
    live: Live = field(default_factory=Live)
    tracing: Tracing = field(default_factory=Tracing)

    @property
    def keyring(self) -> Keyring:
        """What seals and opens."""
        return self.keys.keyring
