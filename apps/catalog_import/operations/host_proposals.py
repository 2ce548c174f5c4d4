"""What proposing a file has in common on all hosts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Self

from portal import http_client
from portal.errors import InputError, PortalError, ServiceUnavailableError
from portal.integrations import RepositoryHost
from portal.services import logger


class HostProposals(ABC):
    """A repository that the integration's credentials may write to; a context manager.

    Each step raises ``InputError`` that says which one failed and what the host says, or ``ServiceUnavailableError`` if
    the host doesn't answer.
    """

    #: Sent with each request.
    headers: dict[str, str] = {}

    def __init__(self, host: RepositoryHost, url: str) -> None:
        """Get ready to change the repository at ``url``. Raises ``InputError`` without credentials."""
        self._host = host
        self._url = url
        self._credentials = host.credentials(url)
        if not self._credentials:
            raise InputError(f"A pull request takes credentials for {host.host}. {host.advice()}")
        self._api = host.api_url(url)
        self._client = http_client.new_client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        return self._host.default_branch(self._url, lambda url: self._ask("GET", url, "Couldn't fetch repo data"))

    @abstractmethod
    def add_file(self, path: str, content: str, *, branch: str, base: str, message: str) -> None:
        """Commit a new file to a new branch, which begins at ``base``. If it fails there is no branch afterwards."""

    @abstractmethod
    def open_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Ask for a branch to be merged, and return where people see that."""

    @abstractmethod
    def remove_branch(self, name: str) -> None:
        """Remove a branch that came to nothing."""

    @contextmanager
    def removing_branch_on_failure(self, name: str) -> Iterator[None]:
        """Leave no branch behind if what is done inside fails."""
        try:
            yield
        except PortalError:
            self.try_to_remove_branch(name)
            raise

    def try_to_remove_branch(self, name: str) -> None:
        """Remove a branch. That this fails too is only logged: another error is on its way."""
        try:
            self.remove_branch(name)
        except PortalError as error:
            logger.for_plugin("catalog-import").warning("A branch is left over", repository=self._url, error=str(error))

    def file_url(self, path: str, *, branch: str) -> str:
        """Return where people see a file."""
        return self._host.page_url(self._url, path, branch="" if self._host.branch_is_optional else branch)

    def _ask(self, method: str, url: str, failure: str, **body: Any) -> Any:
        """Return what a URL answers in JSON, None if it answers nothing; ``body`` as the client has it."""
        headers = {"Accept": "application/json", **self.headers, **self._host.request_headers}
        with http_client.translated_errors(url):
            response = self._client.request(method, url, headers={**headers, **self._credentials.headers}, **body)
        if response.status_code >= 500:
            raise ServiceUnavailableError(f"{failure}: {url} answered {response.status_code}.")
        if not response.is_success or self._host.is_unauthenticated(response):
            raise InputError(f"{failure}: {_said(response)} ({response.status_code})")
        return http_client.json_body(response, url) if response.content else None


def _said(response: http_client.Response) -> str:
    """Return what a host says about a refusal: ``message``, ``error``, and what stands in ``errors``."""
    try:
        body = response.json()
    except ValueError:
        return response.reason_phrase
    if not isinstance(body, dict):
        return response.reason_phrase
    details = [error.get("message") for error in body.get("errors") or [] if isinstance(error, dict)]
    return "; ".join(text for one in (body.get("message"), body.get("error"), *details) if (text := _text(one))) or (
        response.reason_phrase
    )


def _text(said: Any) -> str:
    """Return a message as text: GitLab and Bitbucket nest some."""
    match said:
        case str():
            return said
        case list():
            return ", ".join(filter(None, map(_text, said)))
        case {"message": message}:
            return _text(message)
        case dict():
            return ", ".join(f"{name}: {text}" for name, value in said.items() if (text := _text(value)))
    return ""
