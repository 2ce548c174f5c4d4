"""Catalog rules, and the locations that the configuration names."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.extension_points import EntityProviderConnection
from apps.catalog.processing import ConfigLocationProvider, config_locations
from apps.catalog.processing.rules import CatalogRules
from portal.entities import ANNOTATION_LOCATION, ANNOTATION_ORIGIN_LOCATION, LocationRef, location_entity_name
from portal.errors import ConfigError
from tests.catalog.processing_kit import conf, entity

ANYWHERE = LocationRef("url", "https://x.example/all.yaml")


def allows(kind: str, origin: LocationRef = ANYWHERE, spec_type: Any = "service", **catalog: Any) -> bool:
    permitted = CatalogRules.from_conf(conf(**catalog)).permitted(origin)
    return entity(kind, spec={"type": spec_type}) in permitted


def test_by_default_only_components_apis_and_locations_are_allowed():
    kinds = ["Component", "API", "Location", "System", "Domain", "Resource", "Template", "User", "Group"]
    assert [kind for kind in kinds if allows(kind)] == ["Component", "API", "Location"]


def test_rules_replace_the_default_as_a_whole():
    assert allows("User", rules=[{"allow": ["User"]}])
    assert not allows("Component", rules=[{"allow": ["User"]}])


def test_no_rules_allow_nothing():
    assert not allows("Component", rules=[])
    assert not allows("Component", rules=[{"allow": []}])


def test_kinds_are_compared_without_case():
    assert allows("COMPONENT", rules=[{"allow": ["component"]}])
    assert allows("component", rules=[{"allow": ["Component"]}])


def test_a_rule_may_be_for_one_type_of_a_kind():
    rules = [{"allow": [{"kind": "Resource", "spec.type": "Database"}]}]
    assert allows("resource", spec_type="database", rules=rules)
    assert not allows("Resource", spec_type="queue", rules=rules)
    assert not allows("Resource", spec_type=None, rules=rules)
    assert not allows("Resource", spec_type=["database"], rules=rules)


@pytest.mark.parametrize(
    ("location", "allowed"),
    [
        ({"type": "url"}, True),
        ({"type": "file"}, False),
        ({"type": "url", "exact": "https://x.example/all.yaml"}, True),
        ({"type": "url", "exact": "https://x.example/ALL.yaml"}, False),
        ({"type": "file", "exact": "https://x.example/all.yaml"}, False),
        ({"type": "url", "pattern": "https://x.example/*.yaml"}, True),
        ({"type": "url", "pattern": "HTTPS://X.example/*.YAML"}, True),
        ({"type": "url", "pattern": "https://*/all.yaml"}, True),
        ({"type": "url", "pattern": "https://**"}, True),
        ({"type": "url", "pattern": "*"}, False),
        ({"type": "url", "pattern": "https://{x,y}.example/+(all|more).yaml"}, True),
        ({"type": "url", "pattern": "!https://x.example/**"}, False),
        ({"type": "url", "pattern": "!https://y.example/**"}, True),
    ],
)
def test_a_rule_may_be_for_certain_locations(location, allowed):
    assert allows("User", rules=[{"allow": ["User"], "locations": [location]}]) is allowed


@pytest.mark.parametrize("target", ["https://x/.github/a.yaml", "https://x/a/b/c/.hidden.yaml"])
def test_dots_are_nothing_special_in_a_pattern(target):
    rules = [{"allow": ["User"], "locations": [{"type": "url", "pattern": "https://x/**/*.yaml"}]}]
    assert allows("User", LocationRef("url", target), rules=rules)


def test_a_rule_with_an_empty_list_of_locations_is_for_none():
    assert not allows("User", rules=[{"allow": ["User"], "locations": []}])


def test_rules_are_a_union():
    rules = [{"allow": ["User"], "locations": [{"type": "file"}]}, {"allow": ["Group"]}, {"allow": ["User"]}]
    assert allows("User", rules=rules)
    assert allows("Group", rules=rules)


def test_rules_of_a_location_add_to_the_others_for_that_location_alone():
    locations = [{"type": "url", "target": ANYWHERE.target, "rules": [{"allow": ["User"]}]}]
    assert allows("User", locations=locations)
    assert allows("Component", locations=locations)
    assert not allows("User", LocationRef("url", "https://x.example/other.yaml"), locations=locations)


def test_rules_of_a_file_location_go_by_its_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    locations = [{"type": "file", "target": "./org.yaml", "rules": [{"allow": ["User"]}]}]
    assert allows("User", LocationRef("file", f"{tmp_path}/org.yaml"), locations=locations)


@pytest.mark.parametrize(
    ("catalog", "key"),
    [
        ({"rules": [{"allow": ["User"], "locations": [{"type": "url", "exact": "a", "pattern": "b"}]}]}, "pattern"),
        ({"rules": [{"allow": ["User"], "locations": [{"exact": "a"}]}]}, "catalog.rules[0].locations[0].type"),
        ({"rules": [{"allow": "User"}]}, "catalog.rules[0].allow"),
        ({"rules": [{"allow": [7]}]}, "catalog.rules[0].allow"),
        ({"rules": [{"allow": [{"spec.type": "x"}]}]}, "catalog.rules[0].allow"),
        ({"rules": [{"kinds": ["User"]}]}, "catalog.rules[0].allow"),
        ({"rules": ["User"]}, "catalog.rules"),
        ({"rules": {"allow": ["User"]}}, "catalog.rules"),
        ({"locations": [{"type": "url", "target": "https://x", "rules": [{}]}]}, "catalog.locations[0].rules[0].allow"),
        ({"locations": [{"type": "url"}]}, "catalog.locations[0].target"),
        ({"locations": [{"target": "https://x"}]}, "catalog.locations[0].type"),
        ({"locations": [{"type": "https", "target": "//x"}]}, "catalog.locations[0].target"),
        ({"locations": [{"type": "url", "target": "javascript:x"}]}, "catalog.locations[0].target"),
        ({"locations": ["https://x"]}, "catalog.locations"),
    ],
)
def test_a_mistake_in_the_configuration_is_named_by_its_key(catalog, key):
    with pytest.raises(ConfigError) as raised:
        CatalogRules.from_conf(conf(**catalog))
    assert key in str(raised.value)
    assert "app-config.yaml" in str(raised.value)


kinds = st.sampled_from(["Component", "API", "User", "Group"])
rule_forms = st.fixed_dictionaries(
    {"allow": st.lists(kinds, max_size=3)},
    optional={
        "locations": st.lists(
            st.sampled_from([{"type": "url"}, {"type": "file"}, {"type": "url", "pattern": "https://x.example/*"}]),
            max_size=2,
        )
    },
)


@given(st.lists(rule_forms, max_size=4), kinds, st.randoms())
def test_the_order_of_rules_makes_no_difference_and_a_further_one_never_forbids(rules, kind, random):
    allowed = allows(kind, rules=rules)
    shuffled = random.sample(rules, len(rules))
    assert allows(kind, rules=shuffled) == allowed
    assert allows(kind, rules=[*rules, {"allow": ["User"]}]) >= allowed


def test_configured_locations_become_location_entities_with_their_refs_as_keys():
    url = {"type": "url", "target": "https://x.example/all.yaml"}
    [(found, key)] = config_locations(conf(locations=[url]))
    assert key == "url:https://x.example/all.yaml"
    assert found == {
        "apiVersion": "backstage.io/v1alpha1",
        "kind": "Location",
        "metadata": {
            "name": location_entity_name("url", "https://x.example/all.yaml"),
            "annotations": {ANNOTATION_LOCATION: key, ANNOTATION_ORIGIN_LOCATION: key},
        },
        "spec": url,
    }


def test_configured_files_are_made_absolute_from_the_working_directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    targets = ["./a/../b.yaml", "c/*.yaml", "/d.yaml"]
    found = config_locations(conf(locations=[{"type": "file", "target": target} for target in targets]))
    assert [deferred.entity["spec"]["target"] for deferred in found] == [
        f"{tmp_path}/b.yaml",
        f"{tmp_path}/c/*.yaml",
        "/d.yaml",
    ]


def test_without_locations_in_the_configuration_there_are_none():
    assert config_locations(conf()) == []


def test_the_provider_of_configured_locations_applies_them_as_its_whole_set():
    class Connection(EntityProviderConnection):
        applied: Any = None

        def apply_full_mutation(self, entities):
            self.applied = list(entities)

        def apply_delta_mutation(self, *, added=(), removed=()):
            raise AssertionError("the set is applied as a whole")

        def refresh(self, keys):
            raise AssertionError("nothing is to be refreshed")

    connection = Connection()
    configuration = conf(locations=[{"type": "url", "target": "https://x.example/all.yaml"}])
    ConfigLocationProvider(configuration).connect(connection)
    assert connection.applied == config_locations(configuration)
