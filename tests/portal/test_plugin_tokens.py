"""The tokens that plugins show each other, and views that only programs may call."""

from __future__ import annotations

from typing import Any

import jwt
import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from portal.config import override_config
from portal.credentials import AccessRestriction, Credentials, ServicePrincipal, UserPrincipal
from portal.errors import AuthenticationError, NotAllowedError
from portal.services import auth, services
from portal.services.auth import plugin_tokens


def for_programs(request: HttpRequest) -> HttpResponse:
    """Say who asks."""
    return HttpResponse(request.credentials.principal.subject)  # type: ignore[attr-defined]


for_programs.auth_policy = "service"  # type: ignore[attr-defined]

urlpatterns = [path("api/events/programs", for_programs), path("api/catalog/programs", for_programs)]


def bearer(token: str) -> dict[str, Any]:
    """Return the header that shows a token."""
    return {"headers": {"Authorization": f"Bearer {token}"}}


def test_a_plugins_token_is_the_plugins_and_meant_for_one_other() -> None:
    token = auth.plugin_token("catalog", target="events")

    credentials = auth.authenticate(token)

    assert credentials.principal == ServicePrincipal("plugin:catalog")
    assert credentials.audience == "events"
    assert jwt.get_unverified_header(token)["typ"] == "vnd.backstage.plugin"


def test_a_plugin_can_ask_on_behalf_of_a_person_who_keeps_what_is_theirs() -> None:
    jane = Credentials(UserPrincipal("user:default/jane", ("user:default/jane", "group:default/team-a")))
    credentials = auth.authenticate(auth.plugin_token("search", target="catalog", on_behalf_of=jane))
    assert credentials.principal == UserPrincipal(
        "user:default/jane", ("user:default/jane", "group:default/team-a"), actor="plugin:search"
    )
    assert credentials.audience == "catalog"


def test_a_restricted_program_cant_have_its_token_passed_on() -> None:
    restricted = Credentials(ServicePrincipal("ci", (AccessRestriction("search"),)))
    with pytest.raises(NotAllowedError, match="ci"):
        auth.plugin_token("search", target="catalog", on_behalf_of=restricted)


def test_another_process_with_the_same_key_accepts_it() -> None:
    token = auth.plugin_token("catalog", target="events")
    services.reset()
    assert auth.authenticate(token).is_service


def test_it_is_used_again_until_it_nears_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    first = auth.plugin_token("catalog", target="events")
    assert auth.plugin_token("catalog", target="events") == first
    assert auth.plugin_token("search", target="events") != first

    later = plugin_tokens.time.time() + 55 * 60
    monkeypatch.setattr(plugin_tokens.time, "time", lambda: later)

    assert auth.plugin_token("catalog", target="events") != first


def test_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    past = plugin_tokens.time.time() - 2 * 60 * 60
    with monkeypatch.context() as patch:
        patch.setattr(plugin_tokens.time, "time", lambda: past)
        token = auth.plugin_token("catalog", target="events")
    with pytest.raises(AuthenticationError, match="expired"):
        auth.authenticate(token)


def test_one_that_was_signed_elsewhere_is_refused() -> None:
    with override_settings(SECRET_KEY="another key, long enough to be one"):
        token = auth.plugin_token("catalog", target="events")
    with pytest.raises(AuthenticationError, match="SECRET_KEY"):
        auth.authenticate(token)


@pytest.mark.parametrize("algorithm", ["none", "HS512"])
def test_the_token_doesnt_choose_how_it_is_checked(algorithm: str) -> None:
    claims = {"sub": "catalog", "aud": "events", "exp": 9_999_999_999}
    key = "" if algorithm == "none" else "k" * 64
    token = jwt.encode(claims, key, algorithm=algorithm, headers={"typ": plugin_tokens.TYPE})
    with pytest.raises(AuthenticationError):
        auth.authenticate(token)


@pytest.mark.django_db
@pytest.mark.urls(__name__)
class TestTheDoor:
    def test_a_plugins_token_opens_the_plugin_that_it_names_and_no_other(self, client: Client) -> None:
        token = auth.plugin_token("catalog", target="events")

        inside, outside = (client.get(f"/api/{name}/programs", **bearer(token)) for name in ("events", "catalog"))

        assert (inside.status_code, inside.content) == (200, b"plugin:catalog")
        assert outside.status_code == 403

    def test_what_is_for_programs_stays_closed_whatever_the_default_policy(
        self, client: Client, service_client: Client
    ) -> None:
        with override_config({"backend": {"auth": {"dangerouslyDisableDefaultAuthPolicy": True}}}):
            assert client.get("/api/events/programs").status_code == 401
        assert service_client.get("/api/events/programs").content == b"test-service"

    def test_people_are_told_that_it_isnt_for_them(self, client: Client) -> None:
        session = client.session
        session["portal.user"] = {"ref": "user:default/guest", "owns": []}
        session.save()
        client.cookies["greenroom_session"] = str(session.session_key)

        assert client.get("/api/events/programs").status_code == 403
