"""Every table of the main database, gathered for migrations and tests."""

from yinse.service.accounts import tables as accounts
from yinse.service.audit import tables as audit
from yinse.service.consents import tables as consents
from yinse.service.db import Base
from yinse.service.dictionaries import tables as dictionaries
from yinse.service.grants import tables as grants
from yinse.service.history import tables as history
from yinse.service.jobs import tables as jobs
from yinse.service.objects import tables as objects
from yinse.service.voices import tables as voices

FEATURES = (accounts, audit, consents, dictionaries, grants, history, jobs, objects, voices)
METADATA = Base.metadata
