"""Reading beside the queue: entities whose processing waits for other servers are run on threads of their own.

A server that doesn't answer holds up what else is read from servers, in the end; it never holds up the rest.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from typing import Generic, TypeVar
from uuid import UUID

from apps.catalog.operations.outcomes import Claim
from portal.services import logger
from portal.services.scheduler.threads import ThreadPool

log = logger.for_plugin("catalog")

#: How many entities are read at the same time.
THREADS = 8

T = TypeVar("T")


class _Job(Generic[T]):
    __slots__ = ("again", "claim", "results", "work")

    def __init__(self, claim: Claim, work: Callable[[], T]) -> None:
        self.claim = claim
        self.work = work
        #: What the work gave; empty while it is being done.
        self.results: list[T] = []
        #: What is to follow, since the entity has changed meanwhile.
        self.again: _Job[T] | None = None


class Readers(Generic[T]):
    """Threads that process claimed entities while their worker goes on. One worker's; its methods are for one thread.

    Entities in hand are known by their ids: one that is claimed a second time while it is being read isn't read twice.
    """

    def __init__(self, threads: int = THREADS) -> None:
        self._threads = threads
        self._pool = ThreadPool("catalog reader")
        self._state = threading.Condition()
        #: In the order in which they were taken.
        self._jobs: dict[UUID, _Job[T]] = {}
        self._waiting: deque[_Job[T]] = deque()
        self._running = 0

    @property
    def idle(self) -> bool:
        """Whether nothing is in hand."""
        return not self._jobs

    def read(self, claim: Claim, work: Callable[[], T]) -> None:
        """Do ``work`` on a thread, as soon as one is free; what somebody waits for comes first.

        If the entity is in hand already, work that isn't the same is done after that.
        """
        context = copy_context()
        job: _Job[T] = _Job(claim, lambda: context.run(work))
        with self._state:
            known = self._jobs.get(claim.entity_id)
            if known is None:
                self._enqueue(job)
            elif claim.priority or claim.unprocessed_hash != known.claim.unprocessed_hash:
                known.again = job

    def finished(self) -> list[T]:
        """Return what has come of work since the last call, in the order in which it was taken."""
        with self._state:
            done = [job for job in self._jobs.values() if job.results]
            for job in done:
                del self._jobs[job.claim.entity_id]
                if job.again is not None:
                    self._enqueue(job.again)
        return [result for job in done for result in job.results]

    def wait(self, timeout: float) -> bool:
        """Wait until something is finished, ``timeout`` seconds at most; say whether it came to that."""
        with self._state:
            return self._state.wait_for(lambda: any(job.results for job in self._jobs.values()), timeout)

    def abandon(self) -> list[UUID]:
        """Let go of everything that isn't finished, and return whose processing that was."""
        with self._state:
            self._waiting.clear()
            unfinished = [entity_id for entity_id, job in self._jobs.items() if not job.results]
            for entity_id in unfinished:
                del self._jobs[entity_id]
        return unfinished

    def _enqueue(self, job: _Job[T]) -> None:
        self._jobs[job.claim.entity_id] = job
        if job.claim.priority:
            self._waiting.appendleft(job)
        else:
            self._waiting.append(job)
        if self._running < self._threads:
            self._running += 1
            self._pool.spawn(self._work_off, "catalog reading")

    def _work_off(self) -> None:
        while (job := self._next()) is not None:
            try:
                results = [job.work()]
            except Exception:
                # Nobody else's affair: the entity comes round again.
                log.exception("Processing broke down", entity=job.claim.entity_ref)
                results = []
            with self._state:
                if results:
                    job.results = results
                elif self._jobs.get(job.claim.entity_id) is job:
                    del self._jobs[job.claim.entity_id]
                self._state.notify_all()

    def _next(self) -> _Job[T] | None:
        with self._state:
            if self._waiting:
                return self._waiting.popleft()
            self._running -= 1
            return None
