"""The worker inside a server process, so that one command runs the whole portal."""

from __future__ import annotations

import os
import threading
from multiprocessing.util import Finalize

from portal.config.coercion import to_bool
from portal.errors import ConfigError
from portal.services import lifecycle, logger
from portal.services.lifecycle import StartupError, end_with_parent
from portal.services.root_config.watching import watch_files
from portal.services.scheduler.rooms import register_rooms
from portal.services.scheduler.worker import Worker

VARIABLE = "PORTAL_EMBEDDED_WORKER"
#: Seconds that a stopping server gives to background work; it has requests to finish as well.
GRACE = 5.0

_lock = threading.Lock()
_started = False


def start_embedded_worker() -> Worker | None:
    """Start what runs beside requests in a server process, the lifecycle and a worker; stop both when it ends.

    Called once by ``portal.wsgi``, which only processes that serve import: under ``runserver`` the reloader's
    child, under granian each worker process. Every server process works: global tasks are shared out by their
    tickets, local ones run in each. With ``PORTAL_EMBEDDED_WORKER=0`` there is no worker here, for
    deployments that run ``manage.py worker``.
    """
    global _started  # noqa: PLW0603 - a process has one
    with _lock:
        if _started:
            return None
        _started = True
    end_with_parent()
    watch_files()
    try:
        lifecycle.start()
    except StartupError as error:
        # The server stays up to say so: readiness is red and names the parts.
        logger.for_plugin("app").error("The process failed to start", error=str(error))
    worker = Worker() if embedded_worker_wanted() else None
    if worker is not None:
        worker.start()
    else:
        # Requests list and trigger scheduled tasks, wherever these run.
        register_rooms()
    # Not atexit: servers that fork their processes leave it out.
    Finalize(None, _stop, args=(worker,), exitpriority=100)
    return worker


def embedded_worker_wanted() -> bool:
    """Say whether server processes work, by the environment. Raises ``ConfigError`` for anything but yes or no."""
    value = os.environ.get(VARIABLE, "").strip() or "yes"
    try:
        return to_bool(value)
    except ValueError as error:
        raise ConfigError(f"The environment variable {VARIABLE} {error}") from error


def _stop(worker: Worker | None) -> None:
    if worker is not None:
        worker.stop(GRACE)
    lifecycle.shutdown()
