"""What a location would bring: the pipeline is run on it and on all that it leads to, and nothing is stored."""

from __future__ import annotations

from apps.catalog.processing.locations import location_entity
from apps.catalog.processing.orchestrator import Orchestrator
from portal.entities import Entity, LocationRef, ref_of
from portal.errors import InputError

#: A look at more entities than this would keep the person who asked waiting for too long.
MAX_ENTITIES = 5000


def preview_location(location: LocationRef, orchestrator: Orchestrator) -> list[Entity]:
    """Return the Location entity of a location and every entity that it leads to, processed.

    A parent comes before what it emits, and what it emitted last before the rest, as in Backstage. Raises
    ``InputError`` with all that is wrong with the first entity that fails, for two entities of one name, and for more
    entities than can be looked at.
    """
    waiting = [location_entity(location)]
    found: dict[str, Entity] = {}
    while waiting:
        result = orchestrator.process(waiting.pop())
        if not result.ok or result.completed_entity is None:
            raise InputError("; ".join(f"{error.name}: {error.message}" for error in result.errors))
        ref = str(ref_of(result.completed_entity))
        if ref in found:
            raise InputError(f"{ref} is found twice below {location}; an entity's name must be unique. Rename one.")
        found[ref] = result.completed_entity
        waiting += [deferred.entity for deferred in result.deferred]
        if len(found) + len(waiting) > MAX_ENTITIES:
            raise InputError(
                f"{location} leads to more than {MAX_ENTITIES:,} entities, which is more than a dry run looks at. "
                f"Register it without one."
            )
    return list(found.values())
