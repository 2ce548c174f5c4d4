"""How a registered file gets on, until what is in it can be read."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlencode

from apps.catalog_import.queries.findings import PLUGIN_ID, entity_url
from portal.clients import catalog_sources
from portal.clients.catalog_sources import EntityOutcome, FileProblem, TakenName
from portal.credentials import Credentials
from portal.errors import PortalError
from portal.routes.urls import url_for


@dataclass(frozen=True, slots=True)
class EntityProgress:
    """An entity of the file, and where to look."""

    outcome: EntityOutcome
    url: str
    why_url: str


@dataclass(frozen=True, slots=True)
class FileProgress:
    """How a file gets on. ``error`` says why the catalog didn't take it; the rest is empty then."""

    target: str
    error: str = ""
    verdict: str = ""
    summary: str = ""
    is_moving: bool = False
    why_url: str = ""
    problems: list[FileProblem] = field(default_factory=list)
    entities: list[EntityProgress] = field(default_factory=list)
    taken: list[TakenName] = field(default_factory=list)

    @property
    def served(self) -> list[EntityProgress]:
        """The entities that can be read."""
        return [entity for entity in self.entities if entity.outcome.is_served]

    @property
    def is_done(self) -> bool:
        """Whether everything in the file can be read."""
        is_served = self.verdict == "served" and len(self.served) == len(self.entities)
        return is_served and not (self.error or self.is_moving or self.problems)


def progress_of(target: str, error: str, *, credentials: Credentials) -> FileProgress:
    """Return how a file gets on; ``error`` is what the catalog said when it was to be registered, if anything."""
    if error:
        return FileProgress(target, error)
    try:
        report = catalog_sources.acting_for(PLUGIN_ID, credentials).explain_location(target)
    except PortalError as failure:
        return FileProgress(target, failure.message)
    entities = [EntityProgress(one, entity_url(one.ref), _why(ref=one.ref)) for one in report.entities]
    said = {problem.message for one in report.entities for problem in one.problems}
    return FileProgress(
        target=target,
        verdict=report.verdict,
        summary=report.summary,
        is_moving=report.is_moving,
        why_url=_why(url=target),
        # What is wrong with an entity stands beside it.
        problems=[] if report.is_moving else [one for one in report.problems if one.message not in said],
        entities=entities,
        taken=report.taken,
    )


def _why(**question: str) -> str:
    url = url_for("catalog.why")
    return f"{url}?{urlencode(question, safe=':/')}" if url else ""
