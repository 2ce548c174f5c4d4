"""Rules of a plugin's API."""

from __future__ import annotations

from collections.abc import Iterator

from django.test import Client

from portal.testing.api import ApiRoute, api_routes
from portal.testing.clients import client_of, external_access
from portal.testing.conformance.base import PluginTests, closed_portal, expect_none, watched_log

UNAUTHORIZED = 401
SERVER_ERROR = 500


class ApiRules(PluginTests):
    """An API is closed unless a view says otherwise, and answers in order whatever it is asked."""

    def test_its_api_is_closed(self) -> None:
        """Without credentials, every method of every route answers 401, unless the view is public."""
        with closed_portal():
            expect_none(
                f"{method.upper()} {route.path} answers {status} to nobody in particular; it must be 401, or @public."
                for route in api_routes(self.app)
                if route.policy != "unauthenticated"
                for method, status in _statuses(Client(), route, route.methods)
                if status != UNAUTHORIZED
            )

    def test_its_api_answers_programs(self) -> None:
        """With a token, reading is let in, and answered with something better than a server error."""
        with external_access() as token, watched_log() as log:
            expect_none(
                f"{method.upper()} {route.path} answers {status} to a program. {' '.join(log.events('error'))}"
                for route in api_routes(self.app)
                for method, status in _statuses(client_of(token), route, ["get"])
                if status == UNAUTHORIZED or status >= SERVER_ERROR
            )


def _statuses(client: Client, route: ApiRoute, methods: list[str]) -> Iterator[tuple[str, int]]:
    for method in methods:
        if method in route.methods:
            yield method, client.generic(method.upper(), route.path).status_code
