"""What entities emitted: their children are taken in, and are theirs from then on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from django.utils import timezone

from apps.catalog.models import Priority, RefreshEdge
from apps.catalog.operations.conflicts import record_conflicts
from apps.catalog.operations.discovery import Found, take_in
from apps.catalog.operations.outcomes import Outcome
from portal.databases import append_rows, delete_rows, select_rows

EDGE_COLUMNS = ("source_entity_ref", "target_entity_ref")


def replace_children(outcomes: Sequence[Outcome], *, settled: Collection[str]) -> None:
    """Take in what entities emitted, and make it all that they lead to; each child has one parent, the last.

    ``settled`` are the refs of children that have been taken in already.
    """
    if not outcomes:
        return
    parents: dict[str, str] = {}
    found: list[tuple[Found, str]] = []
    for outcome in outcomes:
        for child in outcome.children:
            if child.ref in settled:
                parents[child.ref] = outcome.ref
            else:
                found.append((child, outcome.ref))
    now = timezone.now()
    priority = max(Priority(outcome.claim.priority) for outcome in outcomes)
    accepted = take_in((child for child, _ in found), now=now, priority=priority)
    losers: dict[str, list[Found]] = {outcome.ref: [] for outcome in outcomes}
    for (child, parent), yes in zip(found, accepted, strict=True):
        if yes:
            parents[child.ref] = parent
        else:
            losers[parent].append(child)
    record_conflicts(losers, now=now)
    _replace_edges(parents, of_sources=losers, of_targets=parents)


def lead_to(parents: Mapping[str, str], *, known: Iterable[str]) -> None:
    """Make each ref of ``parents`` the child of the entity that it maps to, and of nothing else.

    ``known`` are those of them that something may have led to before.
    """
    _replace_edges(parents, of_sources=(), of_targets=known)


def _replace_edges(parents: Mapping[str, str], *, of_sources: Iterable[str], of_targets: Iterable[str]) -> None:
    """Put these edges in the place of all that go out from ``of_sources`` or lead to ``of_targets``."""
    stored: dict[int, tuple[str | None, str]] = {}
    for key, refs in zip(EDGE_COLUMNS, (of_sources, of_targets), strict=True):
        edges = select_rows(RefreshEdge, ("id", *EDGE_COLUMNS), key=key, values=refs)
        stored |= {pk: (source, target) for pk, source, target in edges}
    missing = dict(parents)
    gone = []
    for pk, (source, target) in stored.items():
        if source is not None and missing.get(target) == source:
            del missing[target]
        else:
            gone.append((pk,))
    if gone:
        delete_rows(RefreshEdge, ["id"], gone)
    append_rows(RefreshEdge, EDGE_COLUMNS, [(source, target) for target, source in sorted(missing.items())])
