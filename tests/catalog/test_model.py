"""What modules and the configuration say of how entities may look."""

from __future__ import annotations

from typing import Any

import pytest

from apps.catalog.extension_points import (
    CatalogModel,
    CatalogProcessing,
    FailedEntity,
    SourceDocument,
    SourcePosition,
    catalog_model,
)
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from portal.entities import Format, LocationRef, ModelLayer
from portal.errors import ConfigError, ConflictError, InputError
from portal.plugins import extension_point
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.processing_kit import entity

LAYER = {
    "id": "acme.example/kind-dashboard",
    "addKinds": [
        {
            "group": "acme.example",
            "names": {"kind": "Dashboard", "singular": "dashboard", "plural": "dashboards"},
            "description": "A page of charts.",
            "versions": [
                {
                    "name": "v1",
                    "relationFields": [{"selector": {"path": "spec.owner"}, "relation": "ownedBy"}],
                    "schema": {
                        "jsonSchema": {
                            "type": "object",
                            "required": ["spec"],
                            "properties": {"spec": {"type": "object", "required": ["owner"]}},
                        }
                    },
                }
            ],
        }
    ],
}
DASHBOARD = """
apiVersion: acme.example/v1
kind: Dashboard
metadata: {name: main}
spec: {owner: "user:jane"}
"""


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> CatalogModel:
    """The process's point, emptied, and open for what a module would add to it."""
    point = extension_point(CatalogModel)
    fresh = CatalogModel()
    for name in ("open", "layers", "formats", "parser", "_compiled"):
        monkeypatch.setattr(point, name, getattr(fresh, name))
    return point


def errors(given: dict[str, Any]) -> str:
    return " ".join(error.message for error in build_orchestrator().process(given).errors)


@pytest.mark.parametrize("by_module", [False, True])
def test_a_kind_of_a_module_or_of_the_configuration_is_ingested(
    folder: CatalogFolder, model: CatalogModel, by_module: bool
) -> None:
    folder.write("main.yaml", DASHBOARD)
    if by_module:
        model.add_model_layer(ModelLayer.parse(LAYER))
    layers = {} if by_module else {"model": {"layers": [LAYER]}}
    with override_config({"catalog": {"rules": [{"allow": ["Dashboard", "Location"]}], **layers}}):
        folder.read("main.yaml")
    relations = folder.entity("dashboard:default/main")["relations"]
    assert relations == [{"type": "ownedBy", "targetRef": "user:default/jane"}]


def test_without_the_layer_nobody_knows_the_kind(folder: CatalogFolder) -> None:
    folder.write("main.yaml", DASHBOARD)
    with override_config({"catalog": {"rules": [{"allow": ["Dashboard", "Location"]}]}}):
        folder.read("main.yaml")
    assert "kind 'Dashboard' with apiVersion 'acme.example/v1' is none that this catalog knows" in str(
        folder.errors("dashboard:default/main")
    )


@pytest.mark.parametrize(
    ("layers", "problem"),
    [
        ([{"id": "x", "addKind": []}], r"catalog\.model\.layers: makes no model: .*addKind"),
        ([LAYER, {**LAYER, "id": "other"}], "the kind Dashboard is declared already"),
    ],
)
def test_a_faulty_layer_of_the_configuration_is_named(layers: list[Any], problem: str) -> None:
    with (
        override_config({"catalog": {"model": {"layers": layers}}}),
        pytest.raises(ConfigError, match=problem),
    ):
        build_orchestrator()


def test_the_model_is_compiled_once_for_a_configuration() -> None:
    assert catalog_model() is catalog_model()
    before = catalog_model()
    with override_config({"catalog": {"model": {"layers": [LAYER]}}}):
        assert catalog_model() is catalog_model() is not before


def test_formats_of_fields_are_replaced_by_name(model: CatalogModel) -> None:
    model.set_field_validators(
        tag=Format(lambda value: value == "ours", "one of our tags"), entity_name=lambda value: value != "bad"
    )
    assert errors(entity(tags=["ours"])) == ""
    assert "expected one of our tags but found" in errors(entity(tags=["java"]))
    assert '"metadata.name" is not valid' in errors(entity(name="bad"))


def test_a_format_is_replaced_once_and_only_one_that_exists() -> None:
    point = CatalogModel()
    point.set_field_validators(tag=lambda value: value == "ours")
    with pytest.raises(ConflictError, match="'tag' is replaced twice"):
        point.set_field_validators(tag=lambda value: value == "theirs")
    with pytest.raises(InputError, match="no field format 'tags' to replace; there are api_version, kind"):
        point.set_field_validators(tags=lambda value: True)


def test_files_are_read_by_the_parser_that_is_set(folder: CatalogFolder, model: CatalogModel) -> None:
    def parse(content: bytes, location: LocationRef) -> list[SourceDocument]:
        names = content.decode().split()
        found = {name: {**entity(), "metadata": {"name": name}} for name in names}
        return [SourceDocument(location, SourcePosition(1, 1), entity=one) for one in found.values()]

    model.set_entity_data_parser(parse)
    with pytest.raises(ConflictError, match="set twice"):
        model.set_entity_data_parser(parse)
    folder.write("names.txt", "web api")
    folder.read("names.txt")
    assert folder.refs() == {"component:default/web", "component:default/api"}


def test_handlers_hear_of_failed_runs(folder: CatalogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[FailedEntity] = []

    def broken(failed: FailedEntity) -> None:
        raise OSError("no line")

    point = extension_point(CatalogProcessing)
    monkeypatch.setattr(point, "open", True)
    monkeypatch.setattr(point, "error_handlers", [])
    point.on_processing_error(broken)
    point.on_processing_error(heard.append)
    folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
    folder.read("web.yaml")
    (failed,) = heard
    assert failed.entity["metadata"]["name"] == "web"
    assert failed.errors[0]["name"] == "InputError"
    assert "lifecycle" in failed.errors[0]["message"]
    folder.refresh()
    assert len(heard) == 1, "nothing has changed"
