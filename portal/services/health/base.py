"""Contract of the health service (Backstage's ``core.rootHealth``)."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import NamedTuple

from portal.services.base import Service

#: Returns what is wrong, in a sentence that anybody may read (the endpoint is open to all), or None. Raising counts
#: as wrong.
Check = Callable[[], str | None]


class Readiness(NamedTuple):
    """The answer of ``GET /.backstage/health/v1/readiness``."""

    ok: bool
    problems: tuple[str, ...] = ()
    #: What somebody should look at, though requests can be served.
    notices: tuple[str, ...] = ()

    @property
    def status_code(self) -> int:
        """The HTTP status: 200 or 503."""
        return 200 if self.ok else 503

    @property
    def body(self) -> dict[str, str]:
        """The JSON body, as in Backstage."""
        said = self.problems or self.notices
        message = {"message": " ".join(said)} if said else {}
        return {**message, "status": "ok" if self.ok else "error"}


class HealthService(Service):
    """Collects checks and answers the two questions of a load balancer."""

    service_name = "health"

    @abstractmethod
    def register(self, name: str, check: Check, *, advisory: bool = False) -> None:
        """Add a check, or replace the one of that name. It is run in the thread that asks, so it must be quick.

        What an ``advisory`` one finds is told, and keeps no requests away.
        """

    @abstractmethod
    def unregister(self, name: str) -> None:
        """Remove a check; one that isn't there is no error."""

    @abstractmethod
    def readiness(self) -> Readiness:
        """Say whether the process has started, isn't stopping, and passes every check."""

    def liveness(self) -> dict[str, str]:
        """Return the body of the liveness endpoint: a process that can answer is alive."""
        return {"status": "ok"}
