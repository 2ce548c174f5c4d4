"""A catalog that reads files of the test's own and settles on request."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent
from typing import Any

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import FinalEntity, RefreshState
from apps.catalog.operations import connect_providers, delete_orphans, process_due, stitch_pending
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from tests.catalog.web import CatalogWeb


class CatalogFolder:
    """A folder of catalog files, and the catalog that reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, text: str) -> Path:
        """Write a file; the text may be indented as the test is."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def settle(self) -> None:
        """Do what workers do, until there is nothing left to do: process what is due, then stitch."""
        orchestrator = build_orchestrator()
        while process_due(orchestrator):
            pass
        while stitch_pending():
            pass

    def read(self, *targets: str, **settings: Any) -> None:
        """Configure these files as locations, as a fresh process would, and settle."""
        locations = [{"type": "file", "target": str(self.path / target)} for target in targets]
        with override_config({"catalog": {"locations": locations, **settings}}):
            connect_providers()
            self.settle()

    def refresh(self) -> None:
        """Make everything due, as time would, and settle; orphans go."""
        RefreshState.objects.update(next_update_at=timezone.now())
        self.settle()
        delete_orphans()
        self.settle()

    def entity(self, ref: str) -> dict[str, Any]:
        """Return an entity as it is served."""
        found: dict[str, Any] = orjson.loads(FinalEntity.objects.get(entity_ref=ref).final_entity)
        return found

    def refs(self, *, generated: bool = False) -> set[str]:
        """Return the refs of all entities, those of generated locations left out."""
        refs = FinalEntity.objects.values_list("entity_ref", flat=True)
        return {ref for ref in refs if generated or not ref.startswith("location:default/generated-")}

    def errors(self, ref: str) -> list[dict[str, Any]]:
        """Return what is wrong with an entity."""
        errors = RefreshState.objects.get(entity_ref=ref).errors
        return orjson.loads(errors) if errors else []


@pytest.fixture
def folder(tmp_path: Path) -> CatalogFolder:
    """An empty folder, read by a catalog that is empty too."""
    return CatalogFolder(tmp_path)


@pytest.fixture
def web(settings: Any) -> Iterator[CatalogWeb]:
    """An empty web, in place of the real one."""
    settings.PORTAL_SERVICES = {"url_reader": {"BACKEND": "tests.catalog.web.WebReader"}}
    web = CatalogWeb()
    yield web
    web.clear()


@pytest.fixture
def guest(guest_client: Client) -> Iterator[Client]:
    """A client of a person who is bound by the policy."""
    guest_client.defaults["HTTP_X_CSRFTOKEN"] = guest_client.cookies["greenroom_csrf"].value
    with override_config({"permission": {"enabled": True}}):
        yield guest_client


@pytest.fixture
def only_team_b(settings: Any) -> Iterator[None]:
    """People see what team B owns, and may do everything else."""
    settings.PORTAL_SERVICES = {
        "permissions": {
            "BACKEND": "portal.services.permissions.PolicyPermissions",
            "OPTIONS": {"policy": "tests.catalog.policies.OwnedByTeamB"},
        }
    }
    with override_config({"permission": {"enabled": True}}):
        yield


def component(name: str, **spec: Any) -> str:
    """Return the YAML of a component; keywords are added to its spec."""
    lines = "".join(f"\n          {key}: {value}" for key, value in spec.items())
    return f"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata:
          name: {name}
        spec:
          type: service
          lifecycle: production
          owner: team-a{lines}
        """


ANNOTATIONS = {
    "backstage.io/managed-by-location": "url:http://provider.example",
    "backstage.io/managed-by-origin-location": "url:http://provider.example",
}


def provided(name: str, *, key: str | None = "provider", **spec: Any) -> DeferredEntity:
    """Return a component as a provider hands it over."""
    entity = {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Component",
        "metadata": {"name": name, "annotations": ANNOTATIONS},
        "spec": {"type": "service", "lifecycle": "production", "owner": "team-a", **spec},
    }
    return DeferredEntity(entity, key)
