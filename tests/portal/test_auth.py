"""Tokens, guests and what the configuration says of them."""

from __future__ import annotations

from typing import Any

import pytest

from portal.config import override_config
from portal.credentials import NOBODY, AccessRestriction, Credentials, ServicePrincipal
from portal.errors import AuthenticationError
from portal.services import auth


def static(**changes: Any) -> dict[str, Any]:
    """Return an ``externalAccess`` entry with one thing changed."""
    options = {"token": "long-enough-token", "subject": "ci", **changes.pop("options", {})}
    return {"type": "static", "options": options, **changes}


def configured(*entries: Any) -> Any:
    """Lay these entries over the configuration."""
    return override_config({"backend": {"auth": {"externalAccess": list(entries)}}})


def test_a_static_token_is_its_subject() -> None:
    with configured(static()):
        assert auth.authenticate("long-enough-token").principal == ServicePrincipal("ci")


@pytest.mark.parametrize("token", ["", "long-enough-toke", "LONG-ENOUGH-TOKEN", "ünïcode"])
def test_any_other_token_is_nobodys(token: str) -> None:
    with configured(static()), pytest.raises(AuthenticationError):
        auth.authenticate(token)


def test_restrictions_are_read_with_their_lists() -> None:
    restrictions = [
        {"plugin": "catalog", "permission": "catalog.entity.read, catalog.entity.create"},
        {"plugin": "events", "permissionAttribute": {"action": ["read", "create"]}},
    ]
    with configured(static(accessRestrictions=restrictions)):
        principal = auth.authenticate("long-enough-token").principal
    assert principal == ServicePrincipal(
        "ci",
        (
            AccessRestriction("catalog", frozenset({"catalog.entity.read", "catalog.entity.create"})),
            AccessRestriction("events", frozenset(), frozenset({"read", "create"})),
        ),
    )


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("text", "type"),
        ({"type": "nosuch"}, "type"),
        (static(options={"token": "short"}), "token"),
        (static(options={"token": "with a space in it"}), "token"),
        (static(options={"token": None}), "token"),
        (static(options={"subject": ""}), "subject"),
        (static(options={"subject": "two words"}), "subject"),
        (static(accessRestrictions=[]), "accessRestrictions"),
        (static(accessRestrictions=[{"permission": "x"}]), "plugin"),
        (static(accessRestrictions=[{"plugin": "a"}, {"plugin": "a"}]), "twice"),
    ],
)
def test_a_mistake_is_an_error_that_names_the_entry(entry: Any, words: str) -> None:
    with configured(static(), entry):
        (problem,) = auth.check()
    assert problem.id == "portal.E301"
    assert "externalAccess[1]" in problem.msg
    assert words in problem.msg


@pytest.mark.parametrize("kind", ["legacy", "jwks"])
def test_a_kind_of_access_that_isnt_served_is_a_warning(kind: str) -> None:
    with configured({"type": kind, "options": {}}):
        (problem,) = auth.check()
    assert problem.id == "portal.W301"
    assert kind in problem.msg


def test_credentials_never_show_their_token() -> None:
    assert "secret" not in repr(Credentials(ServicePrincipal("x"), "secret"))


class TestGuest:
    """Who may enter without an account."""

    def test_the_guest_is_who_the_configuration_says(self) -> None:
        guest = auth.guest()
        assert guest is not None
        assert guest.user_entity_ref == "user:default/guest"
        assert guest.ownership_refs == ("user:default/guest", "group:default/team-a")

    def test_by_default_the_guest_owns_what_is_the_guests(self) -> None:
        with override_config({"auth": {"providers": {"guest": None}}}):
            guest = auth.guest()
        assert guest is not None
        assert (guest.user_entity_ref, guest.ownership_refs) == (
            "user:development/guest",
            ("user:development/guest",),
        )

    def test_outside_development_there_is_none(self, settings: Any) -> None:
        settings.PORTAL_ENV = "production"
        assert auth.guest() is None


def test_nobody_is_nobody() -> None:
    assert NOBODY.is_none
    assert not NOBODY.is_user
    assert not NOBODY.is_service
