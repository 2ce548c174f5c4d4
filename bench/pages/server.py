"""What a page costs on the server: asked over a connection that stays open, without a browser."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from bench.portal import ASK_SECONDS, NotMeasured, Portal

ROUNDS = 15
#: The request of the API that fetches what the catalog's list shows.
API_PATH = "/api/catalog/entities/by-query?limit=20&filter=kind=component&orderField=metadata.name,asc"

_STATEMENTS = re.compile(r'\bsql;desc="(\d+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: its status, its headers in lowercase, its body as text, and the seconds until all of it was there."""

    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float


def answers(portal: Portal, path: str, rounds: int = ROUNDS) -> list[Answer]:
    """GET a path so many times over one connection; the first answer isn't returned."""
    address = urlsplit(portal.base)
    connect = HTTPSConnection if address.scheme == "https" else HTTPConnection
    connection = connect(address.hostname or "", address.port, timeout=ASK_SECONDS)
    try:
        return [_ask(connection, portal, path) for _ in range(rounds + 1)][1:]
    except OSError as error:
        raise NotMeasured(f"{portal.base}{path} doesn't answer: {error}") from error
    finally:
        connection.close()


def server_ms(portal: Portal, path: str) -> float:
    """Return the milliseconds that the quickest of several answers takes."""
    return min(answer.seconds for answer in answers(portal, path)) * 1000


def statements(answer: Answer) -> int | None:
    """Return how many SQL statements an answer took, if the server says so: `bench.pages.counting` does."""
    match = _STATEMENTS.search(answer.headers.get("server-timing", ""))
    return int(match[1]) if match else None


def _ask(connection: HTTPConnection, portal: Portal, path: str) -> Answer:
    began = time.perf_counter()
    connection.request("GET", path, headers={**portal.headers, "Accept": "text/html, application/json"})
    response = connection.getresponse()
    body = response.read()
    seconds = time.perf_counter() - began
    headers = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, headers, body.decode(errors="replace"), seconds)
