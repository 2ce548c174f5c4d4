"""AI resources, and the APIs that are MCP servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import override_settings

from apps.catalog.processing import ProcessingResult, build_orchestrator
from tests.catalog.processing_kit import entity

Process = Callable[..., ProcessingResult]


@pytest.fixture
def process() -> Iterator[Process]:
    """The pipeline of a portal with the module: takes a kind and the spec."""
    with override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, "apps.catalog.modules.ai_model"]):
        orchestrator = build_orchestrator()
        yield lambda kind, **spec: orchestrator.process(entity(kind, spec=spec))


BASE = {"lifecycle": "production", "owner": "team"}
REMOTES = [{"type": "sse", "url": "https://mcp.example"}]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        ("AiResource", {"type": "anything"}),
        ("AiResource", {"type": "skill", "allowedTools": "Bash(git:*) Read", "compatibility": "x" * 500}),
        ("AiResource", {"type": "rule", "category": "security", "rationale": "why"}),
        ("AiResource", {"type": "plugin", "skills": ["a"], "version": "1"}),
        ("AiResource", {"type": "marketplace", "plugins": []}),
        ("API", {"type": "mcp-server", "remotes": REMOTES}),
        ("API", {"type": "openapi", "definition": "openapi: 3.0.0"}),
    ],
)
def test_what_is_well_formed_is_taken(process: Process, kind: str, spec: dict[str, Any]) -> None:
    assert process(kind, **BASE, **spec).ok


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        ("AiResource", {}, "spec.type"),
        ("AiResource", {"type": "skill", "compatibility": "x" * 501}, "spec.compatibility"),
        ("AiResource", {"type": "skill", "allowedTools": ["Read"]}, "spec.allowedTools"),
        ("AiResource", {"type": "rule", "category": "security"}, "spec.rationale"),
        ("AiResource", {"type": "plugin"}, "spec.skills"),
        ("AiResource", {"type": "marketplace"}, "spec.plugins"),
        ("API", {"type": "mcp-server"}, "spec.remotes"),
        ("API", {"type": "mcp-server", "remotes": []}, "spec.remotes"),
        ("API", {"type": "mcp-server", "remotes": [{"type": "sse"}]}, "spec.remotes.0.url"),
        ("API", {"type": "openapi"}, "spec.definition"),
    ],
)
def test_what_is_not_is_refused(process: Process, kind: str, spec: dict[str, Any], field: str) -> None:
    (error,) = process(kind, **BASE, **spec).errors
    assert f'"{field}"' in error.message


def test_a_skill_depends_on_other_resources(process: Process) -> None:
    relations = process("AiResource", **BASE, type="skill", system="shop", dependsOn=["b", "resource:a"]).relations
    assert [(one.type, one.target_ref) for one in relations if one.source_ref == "airesource:default/shop"] == [
        ("ownedBy", "group:default/team"),
        ("partOf", "system:default/shop"),
        ("dependsOn", "airesource:default/b"),
        ("dependsOn", "resource:default/a"),
    ]


def test_only_people_and_groups_own(process: Process) -> None:
    result = process("AiResource", **BASE | {"owner": "component:x"}, type="skill")
    assert result.ok
    assert not result.relations


def test_without_the_module_the_kind_is_unknown() -> None:
    result = build_orchestrator().process(entity("AiResource", spec={**BASE, "type": "skill"}))
    assert "none that this catalog knows" in result.errors[0].message
