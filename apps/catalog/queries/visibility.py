"""What somebody may see, as a filter like any other."""

from __future__ import annotations

from typing import Any

from apps.catalog.models import FinalEntity
from apps.catalog.permissions import ENTITY_READ
from apps.catalog.queries import filters
from apps.catalog.queries.filters import EVERYTHING, NOTHING, Filter, Matches, NoneOf
from apps.catalog.queries.sql import condition
from portal.credentials import Credentials
from portal.entities import Entity
from portal.errors import NotAllowedError
from portal.permissions import AllOf, AnyOf, Condition, Conditional, Conditions, Not, Permission
from portal.services import permissions, permissions_registry


def may_see(entity: Entity, credentials: Credentials) -> bool:
    """Say whether these credentials may see an entity that is at hand, in whatever state it is."""
    return permissions.authorize(ENTITY_READ, credentials, resource=entity).allowed


def visible_to(credentials: Credentials, permission: Permission = ENTITY_READ) -> Filter:
    """Return the filter that leaves the entities on which these credentials have a permission."""
    decision = permissions.authorize_conditional(permission, credentials)
    if isinstance(decision, Conditional):
        return _filter(decision.conditions)
    return EVERYTHING if decision.allowed else NOTHING


def require_on_entity(permission: Permission, credentials: Credentials, **entity: Any) -> None:
    """Return if these credentials have a permission on one entity, given by its ``entity_ref`` or ``entity_id``.

    Raises ``NotAllowedError``, also if there are conditions and no entity to meet them. At most one query.
    """
    allowed = visible_to(credentials, permission)
    if allowed == EVERYTHING:
        return
    if not FinalEntity.objects.filter(condition(allowed, id_field="entity_id"), **entity).exists():
        raise NotAllowedError(f"This takes the permission '{permission.name}' on the entity, which you don't have.")


def _filter(conditions: Conditions) -> Filter:
    match conditions:
        case AllOf(parts):
            return filters.AllOf(tuple(_filter(part) for part in parts))
        case AnyOf(parts):
            return filters.AnyOf(tuple(_filter(part) for part in parts))
        case Not(part):
            return NoneOf(_filter(part))
        case Condition(rule, resource_type, params):
            key, values = permissions_registry.rule(resource_type, rule).to_query(params)
            return Matches(key, values)
