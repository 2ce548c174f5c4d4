"""What the tests of an entity's page share."""

from __future__ import annotations

from typing import Any

from tests.catalog.conftest import CatalogFolder

PAGE = "/catalog/default/component/web"


def entity(kind: str, name: str, spec: str = "", metadata: str = "") -> str:
    """Return the YAML of an entity of any kind."""
    return f"""
        apiVersion: backstage.io/v1alpha1
        kind: {kind}
        metadata: {{name: {name}{f", {metadata}" if metadata else ""}}}
        spec: {{{spec}}}
        """


def read(folder: CatalogFolder, *documents: str, **settings: Any) -> None:
    """Read a file of these documents."""
    folder.write("all.yaml", "---".join(documents))
    folder.read("all.yaml", **settings)
