"""How a repository is looked into before it is registered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apps.catalog.extension_points.processing import require_new
from portal.entities import Entity
from portal.errors import ConflictError
from portal.plugins import ExtensionPoint


class ScmLocationAnalyzer(ABC):
    """Finds the catalog files that a repository has already, before somebody registers it."""

    #: Unique, for messages.
    name: str = ""

    @abstractmethod
    def supports(self, url: str) -> bool:
        """Say whether the analyzer is the one for a URL. Asked for every URL, so it opens no connection."""

    @abstractmethod
    def find_files(self, url: str, *, filename: str) -> Iterable[str]:
        """Return the URLs of the files of that name in the repository that ``url`` points at; none if it has none.

        Called in a request: somebody waits. Raises ``PortalError`` if the repository can't be looked into.
        """


@dataclass(frozen=True)
class ExistingEntity:
    """An entity in a file that is there already, and whether that file is a registered location."""

    target: str
    is_registered: bool
    entity: Entity


@dataclass(frozen=True)
class Analysis:
    """What was found: entities that exist, or else one that could. ``files_left_out`` are those not looked into."""

    existing: list[ExistingEntity] = field(default_factory=list)
    proposed: list[Entity] = field(default_factory=list)
    files_left_out: int = 0


class LocationAnalyzer(ABC):
    """Takes the place of the catalog's own way to look into a repository."""

    @abstractmethod
    def analyze(self, target: str, *, filename: str, scm_analyzers: Sequence[ScmLocationAnalyzer]) -> Analysis:
        """Return what is at a URL: entities in files of that name, or what one could say.

        ``scm_analyzers`` are those that modules have added, to be used or not. Called in a request: somebody waits.
        Raises ``PortalError`` if there is nothing to be said.
        """


class CatalogAnalysis(ExtensionPoint):
    """How a repository is looked into before it is registered (Backstage's ``catalog.analysis``)."""

    id = "catalog.analysis"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.scm_location_analyzers: list[ScmLocationAnalyzer] = []
        self.location_analyzer: LocationAnalyzer | None = None

    def set_location_analyzer(self, analyzer: LocationAnalyzer) -> None:
        """Replace the catalog's own way to look into a repository."""
        self.require_open()
        if self.location_analyzer is not None:
            raise ConflictError("The location analyzer is set twice; uninstall one of the modules that set it.")
        self.location_analyzer = analyzer

    def add_scm_location_analyzer(self, *analyzers: ScmLocationAnalyzer) -> None:
        """Add analyzers; of several that support a URL, the first one added looks."""
        self.require_open()
        for analyzer in analyzers:
            require_new("location analyzer", analyzer.name, analyzer, self.scm_location_analyzers)
            self.scm_location_analyzers.append(analyzer)
