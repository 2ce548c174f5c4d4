"""What the catalog is made from, as other plugins see it: looking at an address before it is registered, and after."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from portal.clients.base import PluginClient
from portal.clients.catalog import FoundLocation, RegisteredLocation
from portal.entities import Entity


@dataclass(frozen=True)
class ExistingFile:
    """An entity in a file that a repository has already, and whether that file is registered."""

    target: str
    is_registered: bool
    entity: Entity


@dataclass(frozen=True)
class LocationAnalysis:
    """What the catalog makes of a repository: entities of files that are there, or else some that could be."""

    existing: list[ExistingFile] = field(default_factory=list)
    proposed: list[Entity] = field(default_factory=list)
    #: How many more files are there that weren't looked into.
    files_left_out: int = 0


@dataclass(frozen=True)
class FileProblem:
    """What is wrong with a file or an entity in it, and where, as far as that is known."""

    message: str
    location: str = ""
    document: int | None = None
    line: int | None = None


@dataclass(frozen=True)
class EntityOutcome:
    """What became of an entity of a file; ``verdict`` is ``served``, ``waiting``, ``invalid``…"""

    ref: str
    verdict: str
    problems: list[FileProblem] = field(default_factory=list)

    @property
    def is_served(self) -> bool:
        """Whether the entity can be read, if need be in an older version."""
        return self.verdict in {"served", "outdated"}


@dataclass(frozen=True)
class TakenName:
    """An entity of a file that is left out, since ``owner``, another location, has its name."""

    ref: str
    owner: str


@dataclass(frozen=True)
class LocationReport:
    """What became of a location; ``verdict`` as of an entity. ``is_due``: the catalog is about to look at it."""

    verdict: str
    summary: str
    is_due: bool
    problems: list[FileProblem] = field(default_factory=list)
    entities: list[EntityOutcome] = field(default_factory=list)
    taken: list[TakenName] = field(default_factory=list)

    @property
    def is_moving(self) -> bool:
        """Whether something is yet to come."""
        verdicts = {self.verdict, *(outcome.verdict for outcome in self.entities)}
        return self.is_due or "waiting" in verdicts


class CatalogSourcesClient(PluginClient):
    """Asks the catalog about locations."""

    plugin_id: ClassVar[str] = "catalog"

    def analyze_location(self, target: str, *, filename: str = "") -> LocationAnalysis:
        """Return what is in the repository at an address. Raises ``InputError``, ``NotAllowedError``…"""
        body: dict[str, Any] = {"location": {"type": "url", "target": target}}
        if filename:
            body["catalogFilename"] = filename
        answer = self._request("POST", "/analyze-location", json=body).json()
        existing = [
            ExistingFile(one["location"]["target"], bool(one["isRegistered"]), one["entity"])
            for one in answer["existingEntityFiles"]
        ]
        proposed = [one["entity"] for one in answer["generateEntities"]]
        return LocationAnalysis(existing, proposed, answer.get("filesLeftOut", 0))

    def try_location(self, target: str) -> FoundLocation:
        """Return what registering a file would bring; nothing is stored. Raises ``InputError`` for what is wrong."""
        return self._register(target, dryRun="true")

    def import_location(self, target: str) -> FoundLocation:
        """Register a file; one that is registered already is read again. Raises ``InputError``, ``NotAllowedError``."""
        return self._register(target, onConflict="refresh")

    def validate_entity(self, entity: Entity, *, location: str) -> list[str]:
        """Return what is wrong with an entity, were it in the file at the URL ``location``; nothing if it is right."""
        body = {"entity": entity, "location": f"url:{location}"}
        response = self._send("POST", "/validate-entity", json=body)
        if response.status_code == 400 and "errors" in (answer := response.json()):
            return [str(error["message"]) for error in answer["errors"]]
        response.raise_for_error()
        return []

    def explain_location(self, target: str) -> LocationReport:
        """Return how far a file and the entities in it have come. Raises ``InputError`` for what is no address."""
        answer = self._request("GET", "/greenroom/why", params={"url": target}).json()
        problems = [problem for step in answer["steps"] for problem in _problems(step["problems"])]
        outcomes = [
            EntityOutcome(one["entityRef"], one["verdict"], _problems(one["problems"])) for one in answer["entities"]
        ]
        taken = [TakenName(one["entityRef"], one["owner"] or "") for one in answer["conflicts"]]
        return LocationReport(answer["verdict"], answer["summary"], answer["refreshIsDue"], problems, outcomes, taken)

    def _register(self, target: str, **params: str) -> FoundLocation:
        body = {"type": "url", "target": target}
        answer = self._request("POST", "/locations", params=params, json=body).json()
        location = RegisteredLocation.of(answer["location"])
        return FoundLocation(location, answer.get("entities", []), bool(answer.get("exists")))


def _problems(found: Iterable[Mapping[str, Any]]) -> list[FileProblem]:
    return [FileProblem(one["message"], one["location"] or "", one["document"], one["line"]) for one in found]


#: The portal's own view; a plugin takes ``catalog_sources.acting_for("<its id>", credentials)``.
catalog_sources = CatalogSourcesClient()
