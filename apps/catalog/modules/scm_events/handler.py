"""What follows from events: entities are refreshed, registered locations removed or pointed elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from apps.catalog.models import Location, RefreshKey
from apps.catalog.modules.locations import refresh_keys_of
from apps.catalog.modules.scm_events.conf import Handling
from apps.catalog.modules.scm_events.events import ScmEvent
from apps.catalog.operations import delete_location, refresh_keys, register_location
from portal.databases import atomic_for
from portal.errors import PortalError
from portal.services import logger

log = logger.for_plugin("catalog")

#: Whom the history names.
ACTOR = "scm-events"


def apply_events(events: Iterable[ScmEvent], handling: Handling) -> None:
    """Do what is wanted, event by event. A location that can't be changed is logged, and the others follow."""
    for event in events:
        match event.subject, event.verb:
            case "location", "created" | "updated" if handling.refresh:
                _log("refreshed", refresh_keys(keys=refresh_keys_of([event.url])), event)
            case "repository", "updated" if handling.refresh:
                _log("refreshed", _refresh_below(event.url), event)
            case "location", "deleted" if handling.unregister:
                _log("unregistered", _unregister(_registered(_at(event.url), event.url)), event)
            case "repository", "deleted" if handling.unregister:
                _log("unregistered", _unregister(_registered(_at_or_below(event.url), event.url)), event)
            case subject, "moved" if handling.move and event.former is not None:
                within = _at(event.former) if subject == "location" else _at_or_below(event.former)
                _log("moved", _move(_registered(within, event.former), event.former, event.url), event)


def _refresh_below(url: str) -> int:
    keys = RefreshKey.objects.filter(_at_or_below(url, field="key", before="url:"))
    return refresh_keys(keys=keys.values_list("key", flat=True).distinct())


def _unregister(locations: Iterable[Location]) -> int:
    return sum(_succeeds(location, None) for location in locations)


def _move(locations: Iterable[Location], former: str, url: str) -> int:
    count = 0
    forms = list(zip(_forms(former), _forms(url), strict=True))
    for location in locations:
        old, new = next(pair for pair in forms if location.target.startswith(pair[0]))
        count += _succeeds(location, new + location.target.removeprefix(old))
    return count


def _succeeds(location: Location, target: str | None) -> bool:
    """Take a location away, and register it at ``target`` if there is one: entities are named after their targets."""
    try:
        with atomic_for(Location):
            delete_location(id=str(location.pk), actor=ACTOR)
            if target is not None:
                register_location(type=location.type, target=target, on_conflict="refresh", actor=ACTOR)
    except PortalError as error:
        log.warning("A registered location can't follow its file", location=str(location), reason=error.message)
        return False
    return True


def _registered(where: Q, url: str) -> list[Location]:
    rows = Location.objects.filter(where, type="url").order_by("pk")
    # SQLite doesn't mind capitals.
    return [row for row in rows if row.target.startswith(_forms(url))]


def _forms(url: str) -> tuple[str, str]:
    """Return both ways in which people write the same URL on GitHub and GitLab."""
    url = url.rstrip("/")
    return url, url.replace("/blob/", "/tree/", 1)


def _at(url: str) -> Q:
    return Q(target__in=_forms(url))


def _at_or_below(url: str, *, field: str = "target", before: str = "") -> Q:
    """Return what selects a URL and all those in it: a path goes on after a slash, Azure's after a question mark."""
    found = Q()
    for form in _forms(url):
        found |= Q(**{field: f"{before}{form}"})
        for sign in "/?":
            found |= Q(**{f"{field}__startswith": f"{before}{form}{sign}"})
    return found


def _log(what: str, count: int, event: ScmEvent) -> None:
    if count:
        log.info("Followed news of a source host", type=f"{event.subject}.{event.verb}", url=event.url, **{what: count})
