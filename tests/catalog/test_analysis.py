"""How modules look into repositories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from apps.catalog.extension_points import Analysis, CatalogAnalysis, LocationAnalyzer, ScmLocationAnalyzer
from apps.catalog.operations.analysis import analyze_location
from portal.errors import ConflictError
from portal.plugins import extension_point
from tests.catalog.processing_kit import entity


class Nothing(ScmLocationAnalyzer):
    """Knows a host, and finds nothing there."""

    name = "nothing"

    def supports(self, url: str) -> bool:
        return True

    def find_files(self, url: str, *, filename: str) -> Iterable[str]:
        return []


class Named(LocationAnalyzer):
    """Proposes a component that is named after what it is told."""

    def analyze(self, target: str, *, filename: str, scm_analyzers: Sequence[ScmLocationAnalyzer]) -> Analysis:
        return Analysis(proposed=[entity(name="-".join([target, filename, *(one.name for one in scm_analyzers)]))])


def test_a_module_may_look_in_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    point = extension_point(CatalogAnalysis)
    monkeypatch.setattr(point, "open", True)
    monkeypatch.setattr(point, "location_analyzer", None)
    monkeypatch.setattr(point, "scm_location_analyzers", [Nothing()])
    point.set_location_analyzer(Named())
    (proposed,) = analyze_location(target="repository", filename="a.yaml").proposed
    assert proposed["metadata"]["name"] == "repository-a.yaml-nothing"
    with pytest.raises(ConflictError, match="set twice"):
        point.set_location_analyzer(Named())
