"""Decisions: who is asked, what binds programs, and how conditions hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from portal.config import override_config
from portal.credentials import NOBODY, AccessRestriction, Credentials, ServicePrincipal, UserPrincipal
from portal.errors import ConfigError, InputError, NotAllowedError
from portal.permissions import (
    ALLOW,
    DENY,
    AllOf,
    AnyOf,
    Condition,
    Conditional,
    Conditions,
    Decision,
    Not,
    Permission,
    PermissionPolicy,
    PolicyUser,
    Rule,
    conditions_from,
)
from portal.services import permissions, permissions_registry

READ = Permission("catalog.entity.read", "read", "catalog-entity")
CREATE = Permission("catalog.entity.create", "create")
JANE = Credentials(UserPrincipal("user:default/jane", ("user:default/jane",)))


class Scripted(PermissionPolicy):
    """A policy that answers what the test says and remembers whom it was asked about."""

    answer: ClassVar[Decision] = DENY
    asked: ClassVar[list[PolicyUser | None]] = []

    def handle(self, permission: Permission, user: PolicyUser | None) -> Decision:
        self.asked.append(user)
        return self.answer


@pytest.fixture
def policy(settings: Any) -> Iterator[type[Scripted]]:
    """Install the scripted policy and switch permissions on."""
    Scripted.answer, Scripted.asked = DENY, []
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": f"{__name__}.Scripted"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        yield Scripted


def program(*restrictions: AccessRestriction) -> Credentials:
    """Return a program's credentials."""
    return Credentials(ServicePrincipal("ci", restrictions))


def kind(*kinds: str) -> Condition:
    """Return the condition that an entity is of one of some kinds."""
    return Condition("IS_ENTITY_KIND", "catalog-entity", {"kinds": list(kinds)})


class TestDecisions:
    """Who is asked."""

    def test_the_policy_decides_for_people_and_for_nobody(self, policy: type[Scripted]) -> None:
        assert permissions.authorize(CREATE, JANE) == DENY
        assert permissions.authorize(CREATE, NOBODY) == DENY
        assert policy.asked == [PolicyUser("user:default/jane", ("user:default/jane",)), None]

    def test_the_policy_never_hears_of_programs(self, policy: type[Scripted]) -> None:
        assert permissions.authorize(CREATE, program()) == ALLOW
        assert policy.asked == []

    def test_with_permissions_off_everything_is_allowed(self, policy: type[Scripted]) -> None:
        with override_config({"permission": {"enabled": False}}):
            assert permissions.authorize(CREATE, JANE) == ALLOW

    @pytest.mark.parametrize("enabled", [True, False])
    @pytest.mark.parametrize(
        ("restriction", "allowed"),
        [
            (AccessRestriction("catalog"), True),
            (AccessRestriction("catalog", frozenset({"catalog.entity.create"})), True),
            (AccessRestriction("catalog", frozenset({"catalog.entity.read"})), False),
            (AccessRestriction("catalog", actions=frozenset({"create"})), True),
            (AccessRestriction("catalog", actions=frozenset({"read"})), False),
            (AccessRestriction("scaffolder"), False),
        ],
    )
    def test_a_programs_restrictions_bind_it(
        self, policy: type[Scripted], restriction: AccessRestriction, allowed: bool, enabled: bool
    ) -> None:
        with override_config({"permission": {"enabled": enabled}}):
            assert permissions.authorize(CREATE, program(restriction)).allowed is allowed

    def test_a_refusal_names_the_permission(self, policy: type[Scripted]) -> None:
        with pytest.raises(NotAllowedError, match=r"catalog\.entity\.create"):
            permissions.require(CREATE, JANE)

    def test_conditions_on_another_resource_are_the_policys_mistake(self, policy: type[Scripted]) -> None:
        policy.answer = Conditional("catalog", "catalog-entity", kind("api"))
        with pytest.raises(ImproperlyConfigured, match="basic"):
            permissions.authorize(CREATE, JANE)

    def test_conditions_are_applied_to_the_resource_at_hand(self, policy: type[Scripted]) -> None:
        policy.answer = Conditional("catalog", "catalog-entity", AnyOf((kind("api"), Not(kind("api", "system")))))
        assert permissions.authorize(READ, JANE, resource={"kind": "API"}).allowed
        assert permissions.authorize(READ, JANE, resource={"kind": "Component"}).allowed
        assert not permissions.authorize(READ, JANE, resource={"kind": "System"}).allowed
        assert not permissions.authorize(READ, JANE).allowed


def as_json(conditions: Conditions) -> dict[str, Any]:
    """Return the wire form."""
    match conditions:
        case AllOf(parts):
            return {"allOf": [as_json(part) for part in parts]}
        case AnyOf(parts):
            return {"anyOf": [as_json(part) for part in parts]}
        case Not(part):
            return {"not": as_json(part)}
        case Condition(rule, resource_type, params):
            return {"rule": rule, "resourceType": resource_type, "params": params}


some_conditions: st.SearchStrategy[Conditions] = st.recursive(
    st.builds(Condition, st.text(min_size=1), st.text(), st.dictionaries(st.text(), st.text())),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(AllOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, min_size=1, max_size=3).map(tuple))
    ),
    max_leaves=8,
)


@given(some_conditions)
def test_conditions_survive_the_wire(conditions: Conditions) -> None:
    assert conditions_from(as_json(conditions)) == conditions


@pytest.mark.parametrize("value", ["x", None, {}, {"allOf": []}, {"anyOf": "x"}, {"not": 1}, {"rule": "R"}])
def test_what_is_no_condition_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="condition"):
        conditions_from(value)


class TestRegistry:
    """What the plugins own."""

    def test_permissions_and_rules_come_from_the_rooms(self) -> None:
        assert CREATE in permissions_registry.permissions_of("catalog")
        rules = {rule.name for rule in permissions_registry.rules_of("catalog")}
        assert rules == {
            "HAS_ANNOTATION",
            "HAS_LABEL",
            "HAS_METADATA",
            "HAS_SPEC",
            "IS_ENTITY_KIND",
            "IS_ENTITY_OWNER",
        }
        assert permissions_registry.owner_of(CREATE) == "catalog"
        assert permissions_registry.owner_of(Permission("nobody.owns.this")) is None

    def test_a_name_that_is_taken_is_refused(self) -> None:
        permissions_registry.permissions_of("catalog")
        with pytest.raises(ConfigError, match="catalog"):
            permissions_registry.register("other", permissions=[CREATE], rules=[])
        rule: Rule = permissions_registry.rule("catalog-entity", "HAS_LABEL")
        with pytest.raises(ConfigError, match="HAS_LABEL"):
            permissions_registry.register("other", permissions=[], rules=[rule])

    def test_a_rule_that_isnt_there_is_named(self) -> None:
        with pytest.raises(InputError, match="NO_SUCH"):
            permissions_registry.rule("catalog-entity", "NO_SUCH")

    def test_permissions_have_backstages_form(self) -> None:
        assert READ.to_json() == {
            "type": "resource",
            "name": "catalog.entity.read",
            "attributes": {"action": "read"},
            "resourceType": "catalog-entity",
        }
        assert Permission("x").to_json() == {"type": "basic", "name": "x", "attributes": {}}
