"""Owners that a repository's CODEOWNERS file names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from apps.catalog_import.queries.codeowners import primary_owner
from portal.config import override_config
from portal.testing import signed_in_client
from portal.testing.rendering import SOMEBODY
from tests.catalog.pages import Page
from tests.catalog.web import CatalogWeb

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "catalog_import"])

REPOSITORY = "https://git.example/projects/ACME/repos/shop"
FILES = f"{REPOSITORY}/browse"


@pytest.fixture(autouse=True)
def _host() -> Iterator[None]:
    with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
        yield


@pytest.fixture
def client() -> Client:
    """Somebody who may do everything."""
    return signed_in_client(SOMEBODY)


def proposal(client: Client) -> tuple[str, Page]:
    """Ask for the repository, and return the token of its proposal and the page."""
    location = client.get("/catalog-import", {"url": REPOSITORY})["Location"]
    return location.partition("?of=")[2], Page(client, location)


def preview(client: Client, token: str, **filled: Any) -> str:
    """Fill in the form, and return the page with the file as it would be."""
    data = {"of": token, "name": "shop", "do": "preview", **filled}
    return client.post("/catalog-import/proposal", data).content.decode()


@pytest.mark.parametrize("place", ["CODEOWNERS", ".github/CODEOWNERS", "docs/CODEOWNERS"])
def test_the_owner_is_taken_from_the_file(client: Client, web: CatalogWeb, place: str):
    web.write(f"{FILES}/{place}", "* @acme/Team-A @jane\n")
    token, page = proposal(client)
    (choice,) = page.all("input", name="use_codeowners")
    assert "checked" in choice.attributes
    assert "It names group:default/team-a." in page.text
    html = preview(client, token, use_codeowners="on")
    assert "owner: group:default/team-a" in html
    assert "The catalog would take it." in html


def test_another_owner_may_be_chosen_all_the_same(client: Client, web: CatalogWeb):
    web.write(f"{FILES}/CODEOWNERS", "* @acme/team-a\n")
    token, _ = proposal(client)
    assert "owner: team-b" in preview(client, token, owner="team-b")


def test_without_the_choice_an_owner_is_asked_for(client: Client, web: CatalogWeb):
    web.write(f"{FILES}/CODEOWNERS", "* @acme/team-a\n")
    token, _ = proposal(client)
    html = preview(client, token)
    assert 'id="import-owner-error"' in html
    assert "The catalog would take it." not in html


@pytest.mark.parametrize("text", [None, "", "docs/ @acme/writers\n", "* ??? @-\n"])
def test_a_file_that_names_nobody_is_no_choice(client: Client, web: CatalogWeb, text: str | None):
    if text is not None:
        web.write(f"{FILES}/CODEOWNERS", text)
    _, page = proposal(client)
    assert not page.all("input", name="use_codeowners")


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("* @acme/team-a", "group:default/team-a"),
        ("* @Jane", "user:default/jane"),
        ("* jane.doe@acme.example", "user:default/jane.doe"),
        ("* @acme/team-a\n* @acme/team-b # since May", "group:default/team-b"),
        ("* @acme/team-a\ndocs/ @acme/writers", "group:default/team-a"),
        ("# * @acme/team-a\n/** @acme/parent/team-b", "group:default/team-b"),
        ("* @acme/team-a\n*\n", ""),
        ("* @<script> @acme/team-a", "group:default/team-a"),
        ("\x00\n*", ""),
    ],
)
def test_the_first_owner_of_the_last_rule_for_everything_counts(text: str, owner: str):
    assert primary_owner(text) == owner
