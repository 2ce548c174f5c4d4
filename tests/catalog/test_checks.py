"""What ``manage.py check`` finds in the catalog's configuration, before its worker trips over it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks

from apps.catalog import tasks as catalog_tasks
from portal.config import override_config
from portal.errors import ConfigError
from portal.services import scheduler, tasks


def findings(catalog: dict[str, Any]) -> list[tuple[str, str]]:
    """Return ids and messages of what is wrong with the configuration."""
    with override_config({"catalog": catalog}):
        return [(str(found.id), found.msg) for found in run_checks(tags=["configuration"]) if found.is_serious()]


WRONG = [
    (
        {"locations": [{"type": "file", "target": "a.yaml"}, {"type": "file"}]},
        "locations[1].target: is missing",
    ),
    ({"locations": ["a.yaml"]}, "catalog.locations: must be a list of objects, but item 0 is a string"),
    ({"locations": [{"type": "url", "target": "javascript:alert(1)"}]}, "catalog.locations[0].target: is no location"),
    ({"rules": [{"allow": "Component"}]}, "catalog.rules[0].allow: must be a list of kinds"),
    ({"processingInterval": "soon"}, "catalog.processingInterval: must be a duration, not 'soon'"),
    ({"processorOptions": {"FileReaderProcessor": {"priority": "high"}}}, "FileReaderProcessor"),
]


@pytest.mark.parametrize(("catalog", "words"), WRONG)
def test_what_the_worker_couldnt_read_is_found_and_told_once(catalog: dict[str, Any], words: str) -> None:
    ((check, message),) = findings(catalog)
    assert check == "catalog.E001"
    assert words in message


def test_what_breaks_the_rule_of_its_key_is_left_to_the_check_of_all_keys() -> None:
    ((check, message),) = findings({"orphanStrategy": "shred", "rules": [{"allow": "Component"}]})
    assert check == "portal.E104"
    assert "must be delete or keep" in message


def test_a_sound_configuration_is_passed_over() -> None:
    assert findings({"locations": [{"type": "file", "target": "a.yaml"}], "rules": [{"allow": ["API"]}]}) == []


@pytest.mark.parametrize("catalog", [catalog for catalog, _ in WRONG])
def test_a_worker_doesnt_begin_what_it_couldnt_do(catalog: dict[str, Any]) -> None:
    with override_config({"catalog": catalog}), pytest.raises(ConfigError):
        catalog_tasks.register(scheduler.for_plugin("catalog"), tasks.for_plugin("catalog"))
