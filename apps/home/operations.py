"""Noting visits, forgetting them, and arranging the page."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError
from django.db.models import Count, F
from django.utils import timezone

from apps.home.conf import conf
from apps.home.models import LONGEST_PATH, LONGEST_TITLE, Arrangement, Visit
from apps.home.queries import Place
from portal.databases import atomic_for
from portal.errors import InputError
from portal.services import logger

#: Visits that wait to be written; more of them would mean that the database can't be written to.
MOST_WAITING = 1000
WIDTHS = (4, 6, 8, 12)
#: In rows; 0 is as high as what is in it.
HEIGHTS = (0, 2, 4, 6)

_ROWS = {f"{height}-rows": height for height in HEIGHTS}
_TO_PLACE = re.compile(r"to-([0-9]{1,4})")


@dataclass(frozen=True, slots=True)
class _Noted:
    user_ref: str
    path: str
    title: str
    entity_ref: str


_waiting: deque[_Noted] = deque(maxlen=MOST_WAITING)


def note_visit(user_ref: str, *, path: str, title: str, entity_ref: str = "") -> None:
    """Note a visit in memory, to be written when the answer is on its way. What is too long for a row is left out."""
    if len(path) <= LONGEST_PATH:
        _waiting.append(_Noted(user_ref, path, title[:LONGEST_TITLE], entity_ref))


def write_visits(**signal: object) -> None:
    """Write what was noted; the receiver of Django's ``request_finished``.

    One statement for each visit, two for a page that is new to the person. A visit isn't worth an error: if the
    database can't be written to, that is logged and the visit is lost.
    """
    for noted in _taken():
        try:
            _write(noted)
        except DatabaseError as error:
            logger.for_plugin("home").warning("A visit could not be written", error=str(error))


def _taken() -> Iterator[_Noted]:
    """Yield what waits. Threads that answer at the same time take from the same queue; each visit goes to one."""
    with suppress(IndexError):
        while True:
            yield _waiting.popleft()


def forget_visits() -> int:
    """Delete visits that are old, and those beyond what is kept for each person. Return how many."""
    deleted, _ = Visit.objects.filter(last_at__lt=timezone.now() - conf.visit_retention).delete()
    limit = conf.visits_per_person
    counts = Visit.objects.values("user_ref").annotate(count=Count("pk")).filter(count__gt=limit)
    for user_ref in counts.values_list("user_ref", flat=True):
        own = Visit.objects.filter(user_ref=user_ref)
        beyond = list(own.order_by("-last_at", "-pk").values_list("pk", flat=True)[limit:])
        deleted += own.filter(pk__in=beyond).delete()[0]
    return deleted


def forget_visits_of(user_ref: str) -> None:
    """Delete what somebody visited, since they asked for it."""
    Visit.objects.filter(user_ref=user_ref).delete()


def rearrange(places: Sequence[Place], *, user_ref: str, widget: str, change: str) -> None:
    """Change the place of one widget, and keep the whole arrangement.

    ``change`` is ``up``, ``down``, a place as ``to-0``, ``show``, ``hide``, one of ``WIDTHS``, or one of ``HEIGHTS`` as
    ``4-rows``. Raises ``InputError`` for another one, for a widget that isn't there, and for what the configuration
    doesn't let people do.
    """
    rows, index = _rows(places), _index_of(places, widget)
    _require_allowed(places[index], change)
    to = _destination(change, index)
    if to is not None:
        rows.insert(max(0, to), rows.pop(index))
    elif change in {"show", "hide"}:
        rows[index]["visible"] = change == "show"
    elif change in {str(width) for width in WIDTHS}:
        rows[index]["width"] = int(change)
    elif change in _ROWS:
        rows[index]["height"] = _ROWS[change]
    else:
        known = ", ".join(["up", "down", "to-0", "show", "hide", *map(str, WIDTHS), *_ROWS])
        raise InputError(f"'{change}' is no change to a widget; there are: {known}.")
    _keep(user_ref, rows)


def set_up(places: Sequence[Place], *, user_ref: str, widget: str, settings: Mapping[str, Any]) -> None:
    """Keep what somebody set of one widget, which fits its schema; nothing brings the defaults back.

    Raises ``InputError`` for a widget that isn't there.
    """
    rows, index = _rows(places), _index_of(places, widget)
    rows[index]["settings"] = dict(settings)
    _keep(user_ref, rows)


def restore_defaults(*, user_ref: str) -> None:
    """Forget how somebody arranged their page."""
    Arrangement.objects.filter(user_ref=user_ref).delete()


def _rows(places: Sequence[Place]) -> list[dict[str, Any]]:
    return [
        {
            "widget": place.node.id,
            "visible": place.visible,
            "width": place.width,
            "height": place.height,
            "settings": dict(place.own_settings),
        }
        for place in places
    ]


def _index_of(places: Sequence[Place], widget: str) -> int:
    for index, place in enumerate(places):
        if place.node.id == widget:
            return index
    raise InputError(f"There is no widget '{widget}' on this page.")


def _destination(change: str, index: int) -> int | None:
    """Return where a widget at ``index`` goes, which may be beyond either end; None if it isn't moved."""
    if change in {"up", "down"}:
        return index + 1 if change == "down" else index - 1
    place = _TO_PLACE.fullmatch(change)
    return int(place[1]) if place else None


def _require_allowed(place: Place, change: str) -> None:
    is_size = change in _ROWS or change.isdecimal()
    if not place.movable and _destination(change, 0) is not None:
        raise InputError("This widget stays where it is: the configuration says so.")
    if not place.deletable and change == "hide":
        raise InputError("This widget can't be hidden: the configuration says so.")
    if not place.resizable and is_size:
        raise InputError("This widget keeps its size: the configuration says so.")


def _keep(user_ref: str, rows: list[dict[str, Any]]) -> None:
    with atomic_for(Arrangement):
        Arrangement.objects.update_or_create(user_ref=user_ref, defaults={"widgets": rows})


def _write(noted: _Noted) -> None:
    now = timezone.now()
    known = Visit.objects.filter(user_ref=noted.user_ref, path=noted.path)
    with atomic_for(Visit):
        if known.update(hits=F("hits") + 1, last_at=now, title=noted.title):
            return
        row = Visit(
            user_ref=noted.user_ref, path=noted.path, title=noted.title, entity_ref=noted.entity_ref, last_at=now
        )
        # Somebody who opens a page in two tabs at once is new to it twice.
        Visit.objects.bulk_create([row], ignore_conflicts=True)
