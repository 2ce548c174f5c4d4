"""How modules add to the pipeline, and how the configuration orders it."""

from __future__ import annotations

import pytest

from apps.catalog.extension_points import (
    CatalogLocations,
    CatalogProcessing,
    EntityProvider,
    Processor,
)
from apps.catalog.processing import build_orchestrator
from apps.catalog.processing.build import in_order
from portal.config import override_config
from portal.errors import ConfigError, ConflictError, InputError, PortalError
from portal.plugins import extension_point
from tests.catalog.processing_kit import conf, entity

DEFAULT_ORDER = [
    "PlaceholderProcessor",
    "BuiltinKindsEntityProcessor",
    "FileReaderProcessor",
    "url-reader",
    "AnnotateLocationEntityProcessor",
]


def processor(name: str, priority: int = 20) -> Processor:
    return type("Made", (Processor,), {"name": name, "priority": priority})()


def provider(name: str) -> EntityProvider:
    return type("Made", (EntityProvider,), {"name": name, "connect": lambda self, connection: None})()


def names(processors):
    return [one.name for one in processors]


def test_the_default_processors_run_in_backstages_order():
    assert names(build_orchestrator(conf()).processors) == DEFAULT_ORDER


def test_without_the_default_processors_placeholders_and_kinds_remain():
    assert names(build_orchestrator(conf(disableDefaultProcessors=True)).processors) == DEFAULT_ORDER[:2]


def test_processors_are_ordered_by_priority_and_then_by_when_they_were_added():
    given_processors = [processor("a"), processor("b", 10), processor("c"), processor("d", 10)]
    assert names(in_order(given_processors, conf())) == ["b", "d", "a", "c"]


def test_the_configuration_sets_priorities_and_disables():
    options = {"a": {"priority": 30}, "url-reader": {"disabled": True}, "b": {"disabled": False}}
    given_processors = [processor("a"), processor("b"), processor("url-reader")]
    assert names(in_order(given_processors, conf(processorOptions=options))) == ["b", "a"]


def test_a_wrong_option_is_named_by_its_key():
    with pytest.raises(ConfigError, match=r"processorOptions\.a\.priority"):
        in_order([processor("a")], conf(processorOptions={"a": {"priority": "high"}}))


def test_two_processors_of_one_name_are_refused():
    with pytest.raises(ConflictError, match="url-reader"):
        in_order([processor("url-reader"), processor("url-reader")], conf())


def test_an_orchestrator_is_built_from_the_configuration_of_the_process():
    catalog = {"rules": [{"allow": ["User"]}], "processorOptions": {"url-reader": {"disabled": True}}}
    with override_config({"catalog": catalog}):
        orchestrator = build_orchestrator()
    assert "url-reader" not in names(orchestrator.processors)
    assert orchestrator.process(entity()).ok


def test_a_mistake_in_the_rules_shows_when_the_pipeline_is_built():
    bad = {"allow": ["User"], "locations": [{"type": "url", "exact": "a", "pattern": "b"}]}
    with pytest.raises(ConfigError, match=r"catalog\.rules\[0\]\.locations\[0\]"):
        build_orchestrator(conf(rules=[bad]))


def test_a_module_adds_processors_providers_and_resolvers():
    point = CatalogProcessing()
    point.add_processor(processor("a"), processor("b"))
    point.add_entity_provider(provider("p"))
    point.add_placeholder_resolver("openapi", lambda found: None)
    assert names(point.processors) == ["a", "b"]
    assert names(point.entity_providers) == ["p"]
    assert list(point.placeholder_resolvers) == ["openapi"]


@pytest.mark.parametrize(
    "add",
    [
        lambda point: point.add_processor(processor("same")),
        lambda point: point.add_entity_provider(provider("same")),
        lambda point: point.add_placeholder_resolver("same", lambda found: None),
    ],
)
def test_a_name_can_be_taken_once(add):
    point = CatalogProcessing()
    add(point)
    with pytest.raises(ConflictError, match="same"):
        add(point)


@pytest.mark.parametrize(
    "add",
    [
        lambda point: point.add_processor(processor("")),
        lambda point: point.add_entity_provider(provider("")),
        lambda point: point.add_placeholder_resolver("", lambda found: None),
        lambda point: point.add_placeholder_resolver("$text", lambda found: None),
    ],
)
def test_a_name_is_needed(add):
    with pytest.raises(InputError):
        add(CatalogProcessing())


def test_only_urls_may_be_registered_unless_a_module_says_otherwise():
    point = CatalogLocations()
    assert tuple(point.allowed_types) == ("url",)
    point.set_allowed_types(["url", "s3"])
    assert tuple(point.allowed_types) == ("url", "s3")
    with pytest.raises(ConflictError):
        point.set_allowed_types(["file"])


@pytest.mark.parametrize(
    "add",
    [
        lambda: extension_point(CatalogProcessing).add_processor(processor("late")),
        lambda: extension_point(CatalogProcessing).add_entity_provider(provider("late")),
        lambda: extension_point(CatalogProcessing).add_placeholder_resolver("late", lambda found: None),
        lambda: extension_point(CatalogLocations).set_allowed_types(["late"]),
    ],
)
def test_nothing_is_added_after_start_up(add):
    with pytest.raises(PortalError, match="closed"):
        add()
