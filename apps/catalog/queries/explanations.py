"""Answers to why an entity is in the catalog or isn't: plain values, for pages and for the API alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext, gettext_noop

from apps.catalog.models import HistoryEntry
from apps.catalog.queries.refresh_states import Problem
from apps.catalog.queries.steps import Step, StepState


class Verdict(StrEnum):
    """What all steps come down to."""

    SERVED = "served"
    #: Served, but not as its source has it by now.
    OUTDATED = "outdated"
    #: Two sources claim the name.
    CONFLICT = "conflict"
    WAITING = "waiting"
    #: No version of it was without a mistake so far.
    INVALID = "invalid"
    #: ``catalog.rules`` doesn't allow its kind from where it is.
    REFUSED = "refused"
    DELETED = "deleted"
    #: Nothing that the portal reads has it, or it may not be seen.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Source:
    """Something that leads to an entity: a provider, whose ``ref`` is empty, or an entity, as a rule a Location."""

    title: str
    ref: str = ""
    targets: Sequence[str] = ()
    problems: Sequence[Problem] = ()
    last_found_at: datetime | None = None
    next_run_at: datetime | None = None
    is_processed: bool = True
    may_refresh: bool = False

    @property
    def state(self) -> StepState:
        """How its last run went."""
        if self.problems:
            return StepState.FAILED
        return StepState.OK if self.is_processed else StepState.WAITING


@dataclass(frozen=True, slots=True)
class NameConflict:
    """A name that two sources claim: ``owner`` has it, ``loser`` is left out. Empty where it isn't to be told."""

    ref: str
    owner: str
    loser: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class Pointer:
    """An entity that states a relation to the one in question."""

    ref: str
    type: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one of the entities of a file."""

    ref: str
    verdict: Verdict
    problems: Sequence[Problem] = ()


@dataclass(slots=True)
class Explanation:
    """The answer for an entity (``ref``) or for a file, or what lies below an address (``location``)."""

    verdict: Verdict
    steps: list[Step]
    ref: str = ""
    location: str = ""
    #: What to do next, the best first.
    advice: list[str] = field(default_factory=list)
    #: What leads to it, the nearest first.
    sources: list[Source] = field(default_factory=list)
    conflicts: list[NameConflict] = field(default_factory=list)
    #: When it, or what leads to it, is looked at next; in the past if that is overdue.
    next_run_at: datetime | None = None
    #: Whether that is now.
    is_due: bool = False
    may_refresh: bool = False
    #: Of an entity that isn't served: who states a relation to it, and how many do in all.
    pointers: list[Pointer] = field(default_factory=list)
    pointer_count: int = 0
    #: Of an entity that is gone: how it went; ``before`` is its last version.
    last_change: HistoryEntry | None = None
    #: Of an entity that nothing is known of: entities that are called alike, and Locations with mistakes, which may be
    #: what hides it.
    similar: list[str] = field(default_factory=list)
    suspects: list[Source] = field(default_factory=list)
    #: Of a file: what was found in it, and how many entities there are in all.
    entities: list[Outcome] = field(default_factory=list)
    entity_count: int = 0
    #: Of an address that nothing reads: what is read of the same repository.
    nearby: list[str] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """The verdict in words."""
        return gettext((_OF_ENTITIES if self.ref else _OF_FILES)[self.verdict])


_OF_ENTITIES = {
    Verdict.SERVED: gettext_noop("It is in the catalog."),
    Verdict.OUTDATED: gettext_noop("It is in the catalog, but not as its file has it now."),
    Verdict.CONFLICT: gettext_noop("Two sources claim its name. The first one keeps it, and the other is left out."),
    Verdict.WAITING: gettext_noop("It is on its way."),
    Verdict.INVALID: gettext_noop("It isn't in the catalog: what its file has is not valid."),
    Verdict.REFUSED: gettext_noop("It isn't in the catalog: its kind isn't allowed from where it is."),
    Verdict.DELETED: gettext_noop("It was in the catalog, and is gone."),
    Verdict.UNKNOWN: gettext_noop("The catalog knows nothing of it."),
}
_OF_FILES = {
    Verdict.SERVED: gettext_noop("It was read, and everything in it is in the catalog."),
    Verdict.OUTDATED: gettext_noop("There are mistakes in it, and not everything in it is as it says now."),
    Verdict.CONFLICT: gettext_noop("It was read, but something in it has a name that belongs to another source."),
    Verdict.WAITING: gettext_noop("It is about to be read."),
    Verdict.INVALID: gettext_noop("There are mistakes in it, and nothing of it is in the catalog."),
    Verdict.REFUSED: gettext_noop("Something in it is of a kind that isn't allowed from there."),
    Verdict.DELETED: gettext_noop("It was read once, and no longer is."),
    Verdict.UNKNOWN: gettext_noop("No location that the catalog reads leads there."),
}
