"""Microsoft Graph, as far as the module asks it.

https://learn.microsoft.com/graph/api/overview
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit

import orjson

from apps.catalog.modules.msgraph.conf import MicrosoftGraphConfig, Query
from apps.catalog.modules.msgraph.tokens import Tokens
from apps.catalog.modules.patience import go_on, wait_for
from portal import http_client
from portal.errors import InputError, NotFoundError, PortalError, ServiceUnavailableError
from portal.integrations.host_api import seconds_to_wait

#: Attempts at a request that fails on Microsoft's side, as some do now and then.
ATTEMPTS = 3
#: Seconds without an answer: large filters are slow.
TIMEOUT = 60.0
#: The most that it hands over at once.
PAGE_SIZE = 999
#: The greatest height of a photo, in pixels: they are kept inside of entities.
PHOTO_HEIGHT = 120
#: Left as they are in a query. Filters may bear them encoded already, with '+' for a space, as Graph's own examples do.
UNTOUCHED = "!$%&'()*+,-./:;=?@_~"

Node = dict[str, Any]


class Graph:
    """Microsoft Graph for one run of a provider; threads may share it.

    Waits where it asks for that, if the run has the time. Raises ``InputError`` for what is refused, ``NotFoundError``
    for what isn't there, ``ServiceUnavailableError`` for whatever may be better later.
    """

    def __init__(self, client: http_client.Client, config: MicrosoftGraphConfig) -> None:
        """Get ready. Nothing is asked yet."""
        self._client = client
        self._config = config
        self._tokens = Tokens(config)
        self._host = urlsplit(config.target).netloc

    def organization(self) -> Node:
        """Return the organisation that the tenant is."""
        return self._object(f"{self._config.target}/organization/{quote(self._config.tenant, safe='')}", {})

    def nodes(self, query: Query) -> Iterator[Node]:
        """Yield the objects that a query finds, page after page."""
        advanced = query.advanced or bool(query.search)
        options = {
            "$search": query.search,
            "$filter": query.filter,
            "$select": ",".join(query.select) or None,
            "$expand": query.expand,
            # Counting is what makes advanced filters work; nobody looks at the number.
            "$count": "true" if advanced and (query.filter or query.select) else None,
            "$top": str(PAGE_SIZE),
        }
        # Such queries are answered from an index that is a little behind.
        headers = {"ConsistencyLevel": "eventual"} if advanced else {}
        text = "&".join(f"{name}={quote(value, safe=UNTOUCHED)}" for name, value in options.items() if value)
        url: str | None = f"{self._config.target}/{query.path}?{text}"
        while url is not None:
            page = self._object(url, headers)
            yield from page.get("value") or []
            url = self._following(page)

    def photo(self, user: str) -> str | None:
        """Return a user's photo as a URL that holds it: the largest that isn't too large. None if there is none."""
        base = f"{self._config.target}/users/{quote(user, safe='')}/photos"
        try:
            photos = self._object(base, {}).get("value") or []
            if not photos:
                return None
            fitting = [photo for photo in photos if photo.get("height", 0) <= PHOTO_HEIGHT]
            chosen = max(fitting, key=lambda photo: photo.get("height", 0)) if fitting else photos[0]
            content = self._answer(f"{base}/{quote(chosen['id'], safe='')}/$value", {}).content
        except NotFoundError:
            return None
        return f"data:image/jpeg;base64,{base64.b64encode(content).decode()}"

    def _following(self, page: Node) -> str | None:
        following = page.get("@odata.nextLink")
        if following is None:
            return None
        if not str(following).startswith(f"{self._config.target}/"):
            # Credentials go to the API alone.
            raise ServiceUnavailableError(
                f"{self._config.target} leads on to {following}, which is elsewhere. Check {self._config.key}.target."
            )
        return str(following)

    def _object(self, url: str, headers: Mapping[str, str]) -> Node:
        body = http_client.json_body(self._answer(url, {"Accept": "application/json", **headers}), url)
        if not isinstance(body, dict):
            raise ServiceUnavailableError(f"{url} can't be used: its answer in JSON is no object.")
        return body

    def _answer(self, url: str, headers: Mapping[str, str]) -> http_client.Response:
        attempt = 1
        while True:
            go_on()
            sent = {**headers, "Authorization": f"Bearer {self._tokens.get()}"}
            with http_client.translated_errors(url):
                response = self._client.get(url, headers=sent)
            if response.status_code == 429 or (response.status_code == 503 and "retry-after" in response.headers):
                wait_for(self._host, seconds_to_wait(response))
            elif response.status_code >= 500 and attempt < ATTEMPTS:
                attempt += 1
            elif response.is_success:
                return response
            else:
                raise self._refusal(response, url)

    def _refusal(self, response: http_client.Response, url: str) -> PortalError:
        key, status = self._config.key, response.status_code
        said = f"{self._host} answered {status} {response.reason_phrase}{_explanation(response)}"
        if status == 404:
            return NotFoundError(f"There is nothing at {url}: {said}. Check {key}.target, tenantId and paths.")
        if status == 401:
            return InputError(f"{url} can't be read: {said}. Check tenantId, clientId and clientSecret in {key}.")
        if status == 403:
            return InputError(
                f"{url} can't be read: {said}. Give the application the permissions User.Read.All and "
                f"GroupMember.Read.All, of the kind 'application', and an administrator's consent."
            )
        if status >= 500:
            return ServiceUnavailableError(f"{url} can't be read now: {said}.")
        return InputError(f"{url} can't be read: {said}. Check filter, search, select, expand and path in {key}.")


def _explanation(response: http_client.Response) -> str:
    """Return what an answer says about what is wrong, if it says it as Microsoft Graph does."""
    try:
        error = orjson.loads(response.content)["error"]
        return f": {error['code']}, {str(error['message']).rstrip('.')}"
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return ""


def new_client() -> http_client.Client:
    """Return a client for a run. Close it afterwards."""
    return http_client.new_client(timeout=TIMEOUT)
