"""GitHub's GraphQL API, as the providers of GitHub use it.

https://docs.github.com/en/graphql
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from apps.catalog.modules.patience import go_on, wait_for
from portal import http_client
from portal.config import Config
from portal.errors import ConfigError, InputError, NotFoundError, PortalError, ServiceUnavailableError
from portal.integrations import Credentials, GitHubIntegration, scm_integrations
from portal.integrations.host_api import seconds_to_wait

#: Attempts at a query that fails on GitHub's side, as large ones do now and then.
ATTEMPTS = 3
#: Seconds without an answer: queries are slow.
TIMEOUT = 60.0
LARGEST_PAGE = 100
RATE_LIMITED = "RATE_LIMITED"


class GitHubApi:
    """GitHub as one account's data is read from it, with what is configured to let the portal in.

    ``query`` and ``pages`` raise ``InputError`` for credentials that are missing or don't hold and for queries that
    GitHub refuses, ``NotFoundError`` for an account that isn't there, ``ServiceUnavailableError`` for the rest.
    """

    def __init__(self, client: http_client.Client, integration: GitHubIntegration, account: str) -> None:
        """Get ready to ask about ``account``, a user or an organisation."""
        self.account = account
        self._client = client
        self._integration = integration
        base = integration.api_base_url
        #: On GitHub Enterprise Server it stands beside the REST API, elsewhere below it.
        self._url = f"{base.removesuffix('/v3')}/graphql" if base.endswith("/api/v3") else f"{base}/graphql"

    @property
    def is_app(self) -> bool:
        """Whether it asks as a GitHub App, which may see less of people than a user does."""
        return self._credentials().kind == "app"

    def query(self, text: str, **variables: Any) -> dict[str, Any]:
        """Return the data that a query asks for. Waits for GitHub where there were too many requests before it."""
        attempt = 1
        while True:
            go_on()
            response = self._ask(text, variables)
            if (seconds := self._seconds_to_wait(response)) is not None:
                wait_for(self._integration.host, seconds)
            elif response.status_code >= 500 and attempt < ATTEMPTS:
                attempt += 1
            else:
                return self._data(response)

    def pages(
        self,
        text: str,
        connection: Callable[[dict[str, Any]], dict[str, Any] | None],
        *,
        start: str | None = None,
        **variables: Any,
    ) -> Iterator[dict[str, Any]]:
        """Yield the nodes of a connection, page after page; ``$cursor`` in the query is where a page begins.

        ``connection`` finds the connection in the data; None means that the account isn't there. ``start`` is the
        cursor of the first page.
        """
        cursor = start
        while True:
            found = connection(self.query(text, cursor=cursor, **variables))
            if found is None:
                raise NotFoundError(
                    f"There is no account '{self.account}' on {self._integration.host}, or the credentials in "
                    f"{self._integration.key} may not see it."
                )
            yield from (node for node in found["nodes"] if node)
            if not found["pageInfo"]["hasNextPage"]:
                return
            cursor = found["pageInfo"]["endCursor"]

    def _ask(self, text: str, variables: dict[str, Any]) -> http_client.Response:
        credentials = self._credentials()
        if not credentials:
            raise InputError(
                f"{self._integration.host} answers such queries to those it knows only. {self._integration.advice()}"
            )
        with http_client.translated_errors(self._url):
            return self._client.post(
                self._url, json={"query": text, "variables": variables}, headers=dict(credentials.headers)
            )

    def _credentials(self) -> Credentials:
        # Asked for each time: the tokens of apps last for an hour, large organisations may take longer.
        return self._integration.credentials(f"https://{self._integration.host}/{self.account}")

    def _seconds_to_wait(self, response: http_client.Response) -> float | None:
        """Return how long GitHub wants to be left alone; None: it doesn't."""
        limited = self._integration.is_rate_limited(response)
        if not limited and response.is_success:
            errors = _errors(http_client.json_body(response, self._url))
            limited = any(error.get("type") == RATE_LIMITED for error in errors)
        if not limited:
            return None
        return seconds_to_wait(response)

    def _data(self, response: http_client.Response) -> dict[str, Any]:
        if not response.is_success:
            raise self._refusal(response)
        body = http_client.json_body(response, self._url)
        data: dict[str, Any] | None = body.get("data")
        # What isn't there is null, and an error beside it says so once more.
        errors = [error for error in _errors(body) if error.get("type") != "NOT_FOUND"]
        if errors:
            said = "; ".join(dict.fromkeys(str(error.get("message")) for error in errors[:3]))
            raise InputError(f"{self._integration.host} refuses a query about '{self.account}': {said}")
        return data or {}

    def _refusal(self, response: http_client.Response) -> PortalError:
        said = f"{self._url} answered {response.status_code} {response.reason_phrase}"
        if response.status_code >= 500:
            return ServiceUnavailableError(f"'{self.account}' can't be read now: {said}.")
        if response.status_code in {401, 403}:
            return InputError(
                f"'{self.account}' can't be read: {said}. Check that the credentials in {self._integration.key} are "
                f"right, have not expired and may read it."
            )
        return InputError(f"'{self.account}' can't be read: {said}.")


def new_client() -> http_client.Client:
    """Return a client for a run. Close it afterwards."""
    return http_client.new_client(timeout=TIMEOUT)


def _errors(body: Any) -> list[dict[str, Any]]:
    return body.get("errors") or [] if isinstance(body, dict) else []


def page_size_of(entry: Config, key: str, default: int) -> int:
    """Return a page's size. Raises ``ConfigError`` for one that GitHub doesn't allow."""
    size = entry.get_int(key, default)
    if not 1 <= size <= LARGEST_PAGE:
        raise entry.error(key, f"must be from 1 to {LARGEST_PAGE}, which is what GitHub allows.")
    return size


def integration_for(host: str, needed_by: str) -> GitHubIntegration:
    """Return what is configured for a host. Raises ``ConfigError`` that says who needs it."""
    found = scm_integrations().github.by_host(host)
    if found is None:
        raise ConfigError(
            f"integrations.github has no entry for '{host}', which {needed_by} reads. Add '- host: {host}'."
        )
    return found


def installed_accounts(integration: GitHubIntegration, app_id: int | None = None) -> Iterator[str]:
    """Yield the accounts that an app is installed for, by default any of the host's apps.

    Raises ``InputError`` if the app isn't configured or gets no answer.
    """
    apps = [app for app in integration.apps if app_id in {None, app.app_id}]
    if not apps:
        which = f"the app {app_id}" if app_id is not None else "an app"
        raise InputError(f"{integration.key} has no entry for {which}. Add it to apps there, or name organizations.")
    seen: set[str] = set()
    for app in apps:
        for installation in app.installations():
            allowed = app.allowed_owners is None or installation.owner in app.allowed_owners
            if allowed and not installation.suspended and installation.owner not in seen:
                seen.add(installation.owner)
                yield installation.owner
