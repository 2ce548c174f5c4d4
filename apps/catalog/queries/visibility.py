"""What somebody may see, as a filter like any other."""

from __future__ import annotations

from apps.catalog.permissions import ENTITY_READ
from apps.catalog.queries import filters
from apps.catalog.queries.filters import EVERYTHING, NOTHING, Filter, Matches, NoneOf
from portal.credentials import Credentials
from portal.permissions import AllOf, AnyOf, Condition, Conditional, Conditions, Not, Permission
from portal.services import permissions, permissions_registry


def visible_to(credentials: Credentials, permission: Permission = ENTITY_READ) -> Filter:
    """Return the filter that leaves the entities on which these credentials have a permission."""
    decision = permissions.authorize_conditional(permission, credentials)
    if isinstance(decision, Conditional):
        return _filter(decision.conditions)
    return EVERYTHING if decision.allowed else NOTHING


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
