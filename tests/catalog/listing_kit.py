"""What the tests of the catalog's list share: a few things, some of them starred."""

from __future__ import annotations

from apps.catalog.operations.stars import star
from tests.catalog.conftest import CatalogFolder
from tests.catalog.pages import Page

GUEST = "user:default/guest"
#: Type, lifecycle, owner, tags and namespace of each component.
THINGS = [
    ("service", "production", "team-a", ("java", "grpc"), "default"),
    ("service", "experimental", "team-b", ("java",), "default"),
    ("website", "production", "team-b", ("web",), "default"),
    ("library", "deprecated", "team-a", (), "internal"),
    ("service", "production", "team-a", ("java", "web"), "internal"),
    ("website", "experimental", "user:default/jane", ("grpc", "web", "java"), "default"),
]
STARRED = {1, 4, 5}


def thing(number: int) -> str:
    """Return the YAML of one of the things."""
    kind, lifecycle, owner, tags, namespace = THINGS[number]
    return f"""
        apiVersion: backstage.io/v1alpha1
        kind: Component
        metadata: {{name: c{number}, namespace: {namespace}, tags: [{", ".join(tags)}]}}
        spec: {{type: {kind}, lifecycle: {lifecycle}, owner: '{owner if ":" in owner else f"group:default/{owner}"}'}}
        """


def fill(folder: CatalogFolder) -> CatalogFolder:
    """Make the things, some of them starred by the guest."""
    folder.write("things.yaml", "---".join(thing(number) for number in range(len(THINGS))))
    folder.read("things.yaml")
    for number in STARRED:
        star(user_ref=GUEST, entity_ref=f"component:{THINGS[number][4]}/c{number}")
    return folder


def fields(number: int) -> dict[str, set[str]]:
    """Return what each filter looks at in one of the things."""
    kind, lifecycle, owner, tags, namespace = THINGS[number]
    owner = owner if ":" in owner else f"group:default/{owner}"
    user = {"all"} | ({"starred"} if number in STARRED else set())
    user |= {"owned"} if owner == "group:default/team-a" else set()
    return {
        "type": {kind},
        "lifecycles": {lifecycle},
        "owners": {owner},
        "tags": set(tags),
        "namespace": {namespace},
        "user": user,
    }


def headings(page: Page) -> list[str]:
    """Return the heads of the columns."""
    return [header.text for header in page.all("th", role="columnheader")]
