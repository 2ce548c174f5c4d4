"""Whether what the portal depends on is well."""

from __future__ import annotations

import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from shutil import which
from typing import Any

from apps.devtools.conf import conf
from portal import http_client
from portal.errors import ConfigError, PortalError

HEALTHY = "Healthy"
UNHEALTHY = "Unhealthy"
#: Seconds that an answer may take: somebody waits.
PATIENCE = 5
#: So many are asked at a time.
AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that the portal depends on: ``fetch`` a URL, or ``ping`` a host."""

    name: str
    type: str
    target: str


@dataclass(frozen=True, slots=True)
class ExternalDependency:
    """How an endpoint is; ``error`` says why it isn't well, if more is known than that."""

    endpoint: Endpoint
    status: str
    error: str = ""

    @property
    def is_healthy(self) -> bool:
        """Whether it is well."""
        return self.status == HEALTHY


def endpoints() -> list[Endpoint]:
    """Return what is configured. Raises ``ConfigError`` for an entry without a name, a type or a target."""
    return [_endpoint(entry, position) for position, entry in enumerate(conf.endpoints)]


def check_dependencies() -> list[ExternalDependency]:
    """Ask all of them, several at a time, and return how they are, in the order of the configuration."""
    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="devtools") as pool:
        return list(pool.map(_check, endpoints()))


def _endpoint(entry: Any, position: int) -> Endpoint:
    match entry:
        case {"name": str(name), "type": str(kind), "target": str(target)} if name and kind and target:
            return Endpoint(name, kind, target)
    raise ConfigError(
        f"devTools.externalDependencies.endpoints[{position}] must have a name, a type and a target, each a text."
    )


def _check(endpoint: Endpoint) -> ExternalDependency:
    match endpoint.type:
        case "fetch":
            problem = _fetch(endpoint.target)
        case "ping":
            problem = _ping(endpoint.target)
        case other:
            problem = f"There is no check of the type '{other}'; there are fetch and ping."
    return ExternalDependency(endpoint, UNHEALTHY if problem else HEALTHY, problem)


def _fetch(url: str) -> str:
    """Return what is wrong with the answer of a URL, empty if it is 200."""
    try:
        with http_client.new_client(timeout=PATIENCE) as client, http_client.translated_errors(url):
            status = client.get(url, follow_redirects=True).status_code
    except PortalError as error:
        return error.message
    return "" if status == HTTPStatus.OK else f"It answered {status}."


def _ping(host: str) -> str:
    """Return why a host doesn't answer to a ping, empty if it does."""
    program = which("ping")
    if program is None:
        return "There is no program 'ping' where the portal runs. Install it, or check a URL with 'fetch'."
    command = [program, "-c", "1", "-W", str(PATIENCE), "--", host]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=2 * PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{host} can't be pinged: {error}"
    return "" if done.returncode == 0 else done.stderr.strip() or f"{host} doesn't answer."
