"""Changes to a repository on GitHub, by its REST API: https://docs.github.com/en/rest"""

from __future__ import annotations

from base64 import b64encode
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from portal import http_client
from portal.errors import InputError, PortalError, ServiceUnavailableError
from portal.integrations import GitHubIntegration
from portal.services import logger

_ACCEPT = "application/vnd.github+json"


class GitHubRepository:
    """A repository that the integration's credentials may write to; a context manager.

    Each method is one step, and raises ``InputError`` that says which one failed and what GitHub says, or
    ``ServiceUnavailableError`` if GitHub doesn't answer.
    """

    def __init__(self, integration: GitHubIntegration, url: str) -> None:
        """Get ready to change the repository at ``url``. Raises ``InputError`` without credentials."""
        place = integration.parse(url)
        self._credentials = integration.credentials(url)
        if not self._credentials:
            raise InputError(f"A pull request takes credentials for {integration.host}. {integration.advice()}")
        self._name = place.full_name
        self._web = f"https://{integration.host}/{self._name}"
        self._api = f"{integration.api_base_url}/repos/{quote(place.owner, safe='')}/{quote(place.repo, safe='')}"
        self._client = http_client.new_client()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def default_branch(self) -> str:
        """Return the name of the default branch."""
        found = self._ask("GET", "", "Couldn't fetch repo data")
        return str(found["default_branch"])

    def create_branch(self, name: str, *, base: str) -> None:
        """Create a branch at the tip of another one."""
        tip = self._ask("GET", f"/git/ref/heads/{quote(base)}", "Couldn't fetch default branch data")
        self._ask(
            "POST",
            "/git/refs",
            f"Couldn't create a new branch with name '{name}'",
            json={"ref": f"refs/heads/{name}", "sha": tip["object"]["sha"]},
        )

    def add_file(self, path: str, content: str, *, branch: str, message: str) -> None:
        """Commit a new file to a branch."""
        self._ask(
            "PUT",
            f"/contents/{quote(path)}",
            f"Couldn't create a commit with {path} file added",
            json={"message": message, "content": b64encode(content.encode()).decode(), "branch": branch},
        )

    def open_pull_request(self, title: str, body: str, *, branch: str, base: str) -> str:
        """Open a pull request and return its address."""
        opened = self._ask(
            "POST",
            "/pulls",
            f"Couldn't create a pull request for {branch} branch",
            json={"title": title, "body": body, "head": branch, "base": base},
        )
        return str(opened["html_url"])

    def delete_branch(self, name: str) -> None:
        """Remove a branch that came to nothing. That this fails too is only logged: another error is on its way."""
        try:
            self._ask("DELETE", f"/git/refs/heads/{quote(name)}", f"Couldn't remove the branch '{name}'")
        except PortalError as error:
            logger.for_plugin("catalog-import").warning(
                "A branch is left over", repository=self._name, error=str(error)
            )

    def file_url(self, path: str, *, branch: str) -> str:
        """Return where people see a file."""
        return f"{self._web}/blob/{quote(branch)}/{quote(path)}"

    def _ask(self, method: str, path: str, failure: str, *, json: Any = None) -> Any:
        url = self._api + path
        headers = {**self._credentials.headers, "Accept": _ACCEPT}
        with http_client.translated_errors(url):
            response = self._client.request(method, url, headers=headers, json=json)
        if response.status_code >= 500:
            raise ServiceUnavailableError(f"{failure}: {url} answered {response.status_code}.")
        if not response.is_success:
            raise InputError(f"{failure}: {_said(response)} ({response.status_code})")
        return http_client.json_body(response, url) if response.content else None


def _said(response: http_client.Response) -> str:
    """Return what GitHub says about a refusal."""
    try:
        body = response.json()
    except ValueError:
        return response.reason_phrase
    if not isinstance(body, dict):
        return response.reason_phrase
    details = [str(error.get("message")) for error in body.get("errors") or [] if isinstance(error, dict)]
    return "; ".join([str(body.get("message", response.reason_phrase)), *(one for one in details if one != "None")])
