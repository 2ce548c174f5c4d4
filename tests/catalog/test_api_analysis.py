"""Questions that change nothing: is an entity valid, and what would a location bring?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.test import Client

from apps.catalog.extension_points import CatalogAnalysis, ScmLocationAnalyzer
from apps.catalog.models import RefreshState
from apps.catalog.operations.analysis import MOST_FILES
from apps.catalog.operations.repository_search import RepositorySearch
from portal.config import override_config
from portal.errors import ConflictError
from portal.plugins import extension_point
from tests.catalog.actions_kit import entity, policy, send
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.web import CatalogWeb

PLACE = "url:https://git.example/catalog-info.yaml"


class TestValidate:
    """``POST /validate-entity``."""

    def errors(self, client: Client, entity: Any, location: str = PLACE) -> list[dict[str, Any]]:
        """Return what is wrong with an entity."""
        answer = send(client, "post", "/validate-entity", {"entity": entity, "location": location}, status=400)
        assert list(answer) == ["errors"]
        found: list[dict[str, Any]] = answer["errors"]
        return found

    def test_a_sound_entity_is_answered_with_nothing(self, service_client: Client) -> None:
        body = {"entity": entity(), "location": PLACE}
        assert send(service_client, "post", "/validate-entity", body, status=200) is None
        assert not RefreshState.objects.exists()

    @pytest.mark.parametrize(
        ("wrong", "name", "cause", "what"),
        [
            (entity(metadata=None), "TypeError", None, "metadata"),
            (entity(metadata={}), "TypeError", None, "name"),
            ({}, "TypeError", None, "kind"),
            (entity(metadata={"name": "not ok!"}), "InputError", "Error", "metadata.name"),
            (entity(metadata={"name": "v", "annotations": "x"}), "InputError", "InputError", "annotations"),
            (entity(metadata={"name": "v", "labels": {"a": 1}}), "InputError", "Error", "labels"),
            (entity(unknown=1), "InputError", "Error", "unknown"),
            (entity(spec={"type": "service", "lifecycle": "x"}), "InputError", "TypeError", "owner"),
            (entity(kind="Spaceship"), "InputError", None, "Spaceship"),
        ],
    )
    def test_what_is_wrong_is_told_with_its_cause(
        self, service_client: Client, wrong: Any, name: str, cause: str | None, what: str
    ) -> None:
        (error,) = self.errors(service_client, wrong)
        assert error["name"] == name
        assert what in error["message"]
        assert error.get("cause", {}).get("name") == cause
        assert error.keys() <= {"name", "message", "cause"}

    @pytest.mark.parametrize("location", ["nonsense", "", "url:", "https://x", "file:/etc/passwd", "url:javascript:x"])
    def test_a_location_that_isnt_a_url_is_an_error_of_its_own(self, service_client: Client, location: str) -> None:
        (error,) = self.errors(service_client, entity(), location)
        assert error["name"] == "TypeError"

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"entity": entity()},
            {"location": PLACE},
            {"location": 1, "entity": {}},
            {"location": PLACE, "entity": "text"},
            {"location": PLACE, "entity": None},
            {"location": PLACE, "entity": []},
            [],
        ],
    )
    def test_a_body_of_another_shape_is_an_error_as_everywhere(self, service_client: Client, body: Any) -> None:
        assert send(service_client, "post", "/validate-entity", body, status=400)["error"]["name"] == "InputError"

    def test_what_the_entity_points_at_is_read(self, web: CatalogWeb, service_client: Client) -> None:
        location = entity(kind="Location", spec={"target": "./more.yaml"})
        (error,) = self.errors(service_client, location)
        assert "https://git.example/more.yaml" in error["message"]
        web.write("https://git.example/more.yaml", component("more"))
        send(service_client, "post", "/validate-entity", {"entity": location, "location": PLACE}, status=200)

    def test_an_entity_cant_have_local_files_read(self, folder: CatalogFolder, service_client: Client) -> None:
        secret = folder.write("secret.yaml", "top: secret")
        annotations = {
            "backstage.io/managed-by-location": f"file:{secret}",
            "backstage.io/managed-by-origin-location": f"file:{secret}",
        }
        metadata = {"name": "v", "annotations": annotations}
        location = entity(kind="Location", metadata=metadata, spec={"type": "file", "target": str(secret)})
        (error,) = self.errors(service_client, location)
        assert "spec.type" in error["message"]

    def test_it_takes_a_permission(self, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        send(guest, "post", "/validate-entity", {"entity": entity(), "location": PLACE}, status=403)


class Known(ScmLocationAnalyzer):
    """Finds one file in one repository."""

    name = "known"

    def supports(self, url: str) -> bool:
        return url.startswith("https://git.example/")

    def find_files(self, url: str, *, filename: str) -> Iterable[str]:
        return [f"{url}/{filename}"] if url.endswith("/shop") else []


class TestAnalyze:
    """``POST /analyze-location``."""

    def analyze(self, client: Client, target: str, *, status: int = 200, **more: Any) -> Any:
        """Analyse a URL."""
        body = {"location": {"type": "url", "target": target}, **more}
        return send(client, "post", "/analyze-location", body, status=status)

    @pytest.mark.parametrize(
        ("target", "name", "annotations"),
        [
            ("http://127.0.0.1:7099/static/nowhere.yaml", "nowhere.yaml", None),
            ("https://github.com/acme/repo", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://github.com/acme/repo.git", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://github.com/acme/repo/blob/main/a/b.yaml", "repo", {"github.com/project-slug": "acme/repo"}),
            ("https://gitlab.com/g/src/p/-/blob/main/x.yaml", "p", {"gitlab.com/project-slug": "g/src/p"}),
            ("https://dev.azure.com/o/p/_git/r?path=/x.yaml", "r", {"dev.azure.com/project-slug": "p/r"}),
            ("https://dev.azure.com/o/_git/r", "r", {"dev.azure.com/project-slug": "o/r"}),
            ("https://bitbucket.org/acme/repo/src/main/x.yaml", "repo", None),
            ("https://bitbucket.example/projects/ABC/repos/xyz/browse/a.yaml", "xyz", None),
            ("https://bitbucket.example/scm/abc/xyz.git", "xyz", None),
            ("git@github.com:acme/repo.git", "repo", None),
        ],
    )
    def test_a_component_is_proposed_that_is_called_as_the_repository(
        self, service_client: Client, target: str, name: str, annotations: dict[str, str] | None
    ) -> None:
        metadata: dict[str, Any] = {"name": name} if annotations is None else {"name": name, "annotations": annotations}
        proposed = {
            "apiVersion": "backstage.io/v1alpha1",
            "kind": "Component",
            "metadata": metadata,
            "spec": {"type": "other", "lifecycle": "unknown"},
        }
        assert self.analyze(service_client, target) == {
            "existingEntityFiles": [],
            "generateEntities": [{"entity": proposed, "fields": []}],
        }

    def test_a_configured_host_is_known_by_its_kind(
        self, service_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(RepositorySearch, "find_files", lambda self, url, *, filename: [])
        with override_config({"integrations": {"github": [{"host": "ghe.example"}]}}):
            answer = self.analyze(service_client, "https://ghe.example/acme/repo")
        annotations = answer["generateEntities"][0]["entity"]["metadata"]["annotations"]
        assert annotations == {"github.com/project-slug": "acme/repo"}

    @pytest.mark.parametrize("target", ["nonsense", "", "/etc/passwd", "http://", "a b", "http://[x/y"])
    def test_what_is_no_url_is_refused(self, service_client: Client, target: str) -> None:
        assert self.analyze(service_client, target, status=400)["error"]["name"] == "InputError"

    @pytest.mark.parametrize(
        "body", [{}, {"location": {"type": "url"}}, {"location": {"type": "url", "target": "x", "extra": 1}}]
    )
    def test_a_body_of_another_shape_is_refused(self, service_client: Client, body: Any) -> None:
        send(service_client, "post", "/analyze-location", body, status=400)

    def test_files_that_a_module_finds_are_told_with_their_entities(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(extension_point(CatalogAnalysis), "scm_location_analyzers", [Known()])
        file = "https://git.example/shop/info.yaml"
        web.write(file, component("cart"))

        def found() -> Any:
            answer = self.analyze(service_client, "https://git.example/shop", catalogFilename="info.yaml")
            assert answer["generateEntities"] == []
            (one,) = answer["existingEntityFiles"]
            assert one["location"] == {"type": "url", "target": file}
            assert one["entity"]["metadata"]["name"] == "cart"
            return one["isRegistered"]

        assert found() is False
        send(service_client, "post", "/locations", {"type": "url", "target": file}, status=201)
        assert found() is True
        assert self.analyze(service_client, "https://git.example/other")["generateEntities"]

    def test_files_on_a_configured_host_are_found_without_a_module(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client
    ) -> None:
        file = "https://git.example/projects/A/repos/shop/browse/services/cart/catalog-info.yaml"
        web.write(file, component("cart"))
        with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
            answer = self.analyze(service_client, "https://git.example/projects/A/repos/shop")
        assert [one["location"]["target"] for one in answer["existingEntityFiles"]] == [file]
        assert answer["generateEntities"] == []

    def test_no_more_files_are_looked_into_than_somebody_waits_for_and_the_others_are_counted(
        self, folder: CatalogFolder, web: CatalogWeb, service_client: Client
    ) -> None:
        for number in range(MOST_FILES + 3):
            file = f"https://git.example/projects/A/repos/shop/browse/{number}/catalog-info.yaml"
            web.write(file, component(f"part-{number}"))
        with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
            answer = self.analyze(service_client, "https://git.example/projects/A/repos/shop")
        assert len(answer["existingEntityFiles"]) == MOST_FILES
        assert answer["filesLeftOut"] == 3

    def test_two_analyzers_cant_have_one_name(self) -> None:
        point = CatalogAnalysis()
        point.add_scm_location_analyzer(Known())
        with pytest.raises(ConflictError, match="known"):
            point.add_scm_location_analyzer(Known())

    def test_it_takes_a_permission(self, settings: Any, guest: Client) -> None:
        policy(settings, "Nothing")
        self.analyze(guest, "https://github.com/acme/repo", status=403)
