"""What the fakes of all providers have in common."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar
from urllib.parse import quote

from portal.config import Config
from portal.integrations import ScmIntegrations
from tests.portal.source_hosts.repository import Repository
from tests.portal.source_hosts.server import Answer, Asked, HttpServer

NOT_FOUND = Answer(b"Not Found", 404)
LAST_MODIFIED = "Mon, 02 Mar 2026 12:00:00 GMT"


class FakeHost:
    """A provider's host with one repository, ``repository``.

    ``fault`` is answered to everything if it is set. Who doesn't show what ``authorization`` says gets ``closed``.
    """

    #: Its key under ``integrations``, what is configured there, and what of it lets requests in.
    type: ClassVar[str]
    entry: ClassVar[dict[str, Any]] = {}
    secrets: ClassVar[dict[str, Any]] = {}
    authorization_of_secrets: ClassVar[str]
    #: Answered to requests that aren't let in.
    closed: ClassVar[Answer] = Answer(b"", 401)

    def __init__(self) -> None:
        self.repository = Repository()
        self.authorization: str | None = None
        self.fault: Answer | None = None
        self.server = HttpServer(self.respond)

    @property
    def asked(self) -> list[Asked]:
        """The requests so far."""
        return self.server.asked

    def respond(self, asked: Asked) -> Answer:
        """Answer a request."""
        if self.fault is not None:
            return self.fault
        if self.authorization is not None and asked.authorization != self.authorization and not self.is_open(asked):
            return self.closed
        return self.answer(asked)

    def is_open(self, asked: Asked) -> bool:
        """Tell whether a request needs no credentials, even if others do."""
        return False

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """Answer a request that is let in."""

    @abstractmethod
    def url(self, path: str = "", ref: str = "main") -> str:
        """Return the URL of a file as people copy it from their browser."""

    def integrations(self, **changes: Any) -> ScmIntegrations:
        """Return the integrations with this host in them; ``changes`` are merged into its entry."""
        entry: Any = {**self.entry, **changes}
        return ScmIntegrations.from_config(
            Config.of({"integrations": {self.type: entry if self.type == "googleGcs" else [entry]}}),
            transport=self.server.transport,
        )

    def file(self, asked: Asked, path: str) -> Answer:
        """Send a file as it is, unless the request shows that it has it."""
        if path not in self.repository.files:
            return NOT_FOUND
        headers = {"ETag": self.repository.etag(path), "Last-Modified": LAST_MODIFIED}
        if asked.headers.get("if-none-match") == headers["ETag"]:
            return Answer(status=304, headers=headers)
        if asked.headers.get("if-modified-since") == LAST_MODIFIED:
            return Answer(status=304, headers=headers)
        return Answer(self.repository.files[path], headers=headers)


def written(path: str) -> str:
    """Return a path as it stands in a URL; stars stay."""
    return quote(path, safe="/*?{},")
