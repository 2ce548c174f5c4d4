"""How a repository is looked into before it is registered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable

from apps.catalog.extension_points.processing import require_new
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


class CatalogAnalysis(ExtensionPoint):
    """How a repository is looked into before it is registered (Backstage's ``catalog.analysis``)."""

    id = "catalog.analysis"
    plugin_id = "catalog"

    def __init__(self) -> None:
        super().__init__()
        self.scm_location_analyzers: list[ScmLocationAnalyzer] = []

    def add_scm_location_analyzer(self, *analyzers: ScmLocationAnalyzer) -> None:
        """Add analyzers; of several that support a URL, the first one added looks."""
        self.require_open()
        for analyzer in analyzers:
            require_new("location analyzer", analyzer.name, analyzer, self.scm_location_analyzers)
            self.scm_location_analyzers.append(analyzer)
