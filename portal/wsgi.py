"""The WSGI application, for granian and other servers: ``make serve``."""

from __future__ import annotations

import gc
import os
import signal
import sys
from multiprocessing import parent_process

# Loading makes much that stays and little that goes: looking for that in between would take a tenth of the start.
gc.disable()

from django.core.wsgi import get_wsgi_application  # noqa: E402

if parent_process() is not None:
    # A process that granian has forked has the handler of its parent until it serves, and nothing would stop it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
application = get_wsgi_application()

from portal.checks import log_doubtful_keys  # noqa: E402
from portal.databases.upkeep import look_after_opened_connections  # noqa: E402
from portal.services.scheduler import start_embedded_worker  # noqa: E402

log_doubtful_keys()
look_after_opened_connections()
if start_embedded_worker() is not None:
    # How long a request that comes back from the database waits for a thread that only computes, in seconds. Python's
    # 5 ms are ten times what a read takes. Among requests alone, changing places so often only takes time.
    sys.setswitchinterval(0.0005)
# What is loaded by now stays. Looking at it in every full collection would hold a request up for a tenth of a second.
gc.collect()
gc.freeze()
gc.enable()
