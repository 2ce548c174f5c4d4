"""What the catalog publishes."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from tests.catalog.conftest import CatalogFolder, component


class Recorder:
    """An events service that remembers what was published, whichever instance it is asked of."""

    published: ClassVar[list[tuple[str, Any]]] = []

    def for_plugin(self, plugin_id: str) -> Recorder:
        """Be the view of every plugin."""
        return self

    def publish(self, topic: str, payload: Any, metadata: Any = None) -> None:
        """Remember."""
        self.published.append((topic, payload))


@pytest.fixture
def published(settings: Any) -> list[tuple[str, Any]]:
    """What is published, as it comes."""
    Recorder.published.clear()
    settings.PORTAL_SERVICES = {"events": {"BACKEND": f"{__name__}.Recorder"}}
    return Recorder.published


def test_a_clash_of_names_is_told_once(folder: CatalogFolder, published: list[tuple[str, Any]]) -> None:
    one = folder.write("one.yaml", component("web", system="first"))
    two = folder.write("two.yaml", component("web", system="second"))
    folder.read("one.yaml", "two.yaml")
    ((topic, payload),) = published
    assert topic == "experimental.catalog.conflict"
    assert payload["entityRef"] == "component:default/web"
    assert payload["unprocessedEntity"]["spec"]["system"] == "second"
    assert (payload["existingLocationKey"], payload["newLocationKey"]) == (f"file:{one}", f"file:{two}")


def test_errors_are_told_when_they_change(folder: CatalogFolder, published: list[tuple[str, Any]]) -> None:
    path = folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
    folder.read("web.yaml")
    ((topic, payload),) = published
    assert topic == "experimental.catalog.errors"
    assert (payload["entity"], payload["location"]) == ("component:default/web", f"file:{path}")
    assert "lifecycle" in payload["errors"][0]["message"]
    folder.refresh()
    assert len(published) == 1


def test_the_real_service_takes_what_is_published(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
    folder.read("web.yaml")
    assert folder.errors("component:default/web")
