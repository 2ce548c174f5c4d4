"""Languages: who reads which, German, and words that extensions put in the place of others."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from portal.config import override_config
from portal.extensions import get_tree
from portal.shell.language import reading


def html_of(client: Client, path: str = "/testplugin", **headers: str) -> str:
    response = client.get(path, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def with_extensions(*entries: Any) -> Any:
    return override_config({"app": {"extensions": list(entries)}})


def test_pages_are_in_english_unless_somebody_asks_for_another_language(client: Client):
    response = client.get("/testplugin")
    assert '<html lang="en"' in response.content.decode()
    assert response.headers["Content-Language"] == "en"
    assert "Accept-Language" in response.headers["Vary"]


def test_the_browsers_language_counts_until_somebody_chooses_one(client: Client):
    german = {"Accept-Language": "fr, de-AT;q=0.9, en;q=0.8"}
    html = html_of(client, **german)
    assert '<html lang="de"' in html
    assert "Zum Inhalt springen" in html
    client.post("/-/language", {"language": "en"})
    assert "Skip to content" in html_of(client, **german)
    client.post("/-/language", {"language": "de"})
    assert "Zum Inhalt springen" in html_of(client)


def test_titles_of_extensions_are_translated_too(client: Client):
    client.cookies["portal_language"] = "de"
    html = html_of(client, "/settings/feature-flags")
    assert "<title>Feature-Flags | Test portal</title>" in html
    assert ">Einstellungen</span>" in html


def test_the_language_of_one_request_is_not_that_of_the_next(client: Client):
    client.get("/testplugin", headers={"Accept-Language": "de"})
    assert translation.get_language() == "en-gb"


def test_programs_get_english(client: Client):
    response = client.get("/api/nowhere", headers={"Accept-Language": "de"})
    assert "Content-Language" not in response.headers


def test_the_configuration_says_which_languages_there_are_and_which_is_the_default(client: Client):
    config = {"availableLanguages": ["de", "fr"], "defaultLanguage": "fr"}
    with with_extensions({"api:app/app-language": {"config": config}}):
        html = html_of(client, "/settings/general", **{"Accept-Language": "de"})
        assert '<html lang="fr"' in html
        assert '<option value="de" lang="de">Deutsch</option>' in html
    with with_extensions({"api:app/app-language": {"config": {"availableLanguages": ["en"]}}}):
        assert 'id="language"' not in html_of(client, "/settings/general")


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        ({"availableLanguages": ["klingon"]}, "there is no language 'klingon'"),
        ({"defaultLanguage": "fr"}, "'fr', which isn't among the availableLanguages"),
        ({"availableLanguages": []}, "[] has less than 1 item"),
    ],
)
def test_wrong_languages_leave_english_and_are_named(client: Client, config: dict[str, Any], complaint: str):
    with with_extensions({"api:app/app-language": {"config": config}}):
        assert complaint in " ".join(problem.msg for problem in get_tree().problems)
        assert '<html lang="en"' in html_of(client, **{"Accept-Language": "de"})


def test_the_configuration_puts_words_in_the_place_of_others(client: Client):
    messages = {"en": {"Settings": "Preferences", "Test page": "Playground"}, "de": {"Settings": "Vorlieben"}}
    with with_extensions({"translation:app/configured": {"config": {"messages": messages}}}):
        html = html_of(client)
        assert ">Preferences</span>" in html
        assert "<title>Playground | Test portal</title>" in html
        assert ">Vorlieben</span>" in html_of(client, **{"Accept-Language": "de"})
    assert ">Settings</span>" in html_of(client)


def test_words_know_the_two_forms_of_english():
    messages = {"en": {"%(n)s page": "one leaf", "%(n)s pages": "%(n)s leaves"}}
    with with_extensions({"translation:app/configured": {"config": {"messages": messages}}}), reading("en"):
        assert translation.ngettext("%(n)s page", "%(n)s pages", 1) == "one leaf"
        assert translation.ngettext("%(n)s page", "%(n)s pages", 2) == "%(n)s leaves"
        assert translation.ngettext("%(n)s sheet", "%(n)s sheets", 2) == "%(n)s sheets"
        assert translation.get_language() == "en"
