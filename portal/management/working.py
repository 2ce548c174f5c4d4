"""Processes that do background work: ``manage.py worker``, and those that ``manage.py serve`` has beside it."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import connection, get_context
from multiprocessing.process import BaseProcess
from threading import Thread

from django.core.management.base import CommandError

from portal.errors import PortalError
from portal.services import lifecycle, logger
from portal.services.lifecycle import end_with_parent
from portal.services.root_config.watching import watch_files
from portal.services.scheduler import Worker
from portal.services.scheduler.worker import GRACE

#: Seconds that a worker gets to end what surrounds its work.
ENDING = 5.0


def work(worker: Worker) -> bool:
    """Be a worker's process until SIGTERM or SIGINT; say whether all work was finished. Raises ``PortalError``."""
    end_with_parent()
    watch_files()
    lifecycle.start()
    try:
        return worker.run_forever()
    finally:
        lifecycle.shutdown()


@contextmanager
def worker_processes(count: int) -> Iterator[None]:
    """Have so many processes do background work while the block runs.

    They are forks of this one, which must have no connection and no thread. If one ends, this process is asked to end
    as well, so that whoever started it sees that something is wrong: then ``CommandError`` is raised in the end.
    """
    context = get_context("fork")
    processes: list[BaseProcess] = [context.Process(target=_work, name=f"worker-{n + 1}") for n in range(count)]
    for process in processes:
        process.start()
    if processes:
        Thread(target=_end_with_any, args=(processes,), name="workers", daemon=True).start()
    try:
        yield
    finally:
        failed = [process for process in processes if process.exitcode]
        for process in processes:
            process.terminate()
        for process in processes:
            process.join(GRACE + ENDING)
            if process.is_alive():
                process.kill()
        for process in failed:
            raise CommandError(f"The process {process.name} ended with status {process.exitcode}; the log says why.")


def _work() -> None:
    try:
        finished = work(Worker())
    except PortalError as error:
        logger.for_plugin("app").error("The worker failed to start", error=error.message)
        finished = False
    sys.exit(0 if finished else 1)


def _end_with_any(processes: list[BaseProcess]) -> None:
    connection.wait([process.sentinel for process in processes])
    os.kill(os.getpid(), signal.SIGTERM)
