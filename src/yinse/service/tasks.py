"""Every kind of job, and how it runs."""

from collections.abc import Mapping

from yinse.service.history import tasks as history
from yinse.service.jobs.worker import JobKind
from yinse.service.objects.purging import PURGE
from yinse.service.principal import Scope
from yinse.service.speech import orders
from yinse.service.speech import tasks as speech
from yinse.service.voices import tasks as voices

KINDS: Mapping[str, JobKind] = {
    "enrol": JobKind(voices.enrol, voices.enrolment_failed, most=2, cancelled_by=Scope.VOICES_WRITE),
    "reselect": JobKind(history.reselect, cancelled_by=Scope.VOICES_WRITE),
    "adapt": JobKind(voices.adapt, voices.adaptation_failed, cancelled_by=Scope.VOICES_WRITE),
    orders.KIND: JobKind(speech.speak_long, orders.refund, most=2, cancelled_by=Scope.SPEECH),
    PURGE: JobKind(voices.purge, most=2),
}
