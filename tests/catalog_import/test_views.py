"""Registering what exists already, step by step and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from apps.catalog.models import Location, RefreshState
from apps.catalog.operations import process_due, stitch_pending
from apps.catalog.processing import build_orchestrator
from apps.catalog_import.forms import MOST_FILES, dump_state
from portal.config import override_config
from portal.testing import signed_in_client
from portal.testing.rendering import SOMEBODY
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.catalog.web import CatalogWeb

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "catalog_import"])

START = "/catalog-import"
FILE = "https://git.example/acme/shop/blob/main/catalog-info.yaml"
REPOSITORY = "https://git.example/projects/ACME/repos/shop"
OTHER = "https://git.example/acme/other/blob/main/catalog-info.yaml"
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def client() -> Client:
    """Somebody who may do everything."""
    return signed_in_client(SOMEBODY)


def register(client: Client, *targets: str) -> str:
    """Send the form of the review, and return where it leads."""
    response = client.post(f"{START}/register", {"target": list(targets)})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def test_the_first_step_asks_for_an_address(client: Client):
    page = Page(client, START)
    assert [form.attributes["action"] for form in page.all("form", method="get")] == [START]
    assert page.all("li", aria_current="step")[0].text == "1Select URL"


def test_a_file_is_shown_before_anything_is_stored(client: Client, web: CatalogWeb):
    web.write(FILE, component("shop"))
    page = Page(client, START, {"url": FILE})
    assert "The following entities will be added to the catalog:" in page.text
    assert "component:default/shop" in page.text
    assert [element.attributes["value"] for element in page.all("input", name="target")] == [FILE]
    assert not Location.objects.exists()
    assert not RefreshState.objects.exists()


def test_a_registered_file_is_read_until_its_entities_can_be_opened(
    client: Client, web: CatalogWeb, catalog_folder: CatalogFolder
):
    web.write(FILE, component("shop"))
    progress = register(client, FILE)
    waiting = Page(client, progress)
    assert "The catalog is reading" in waiting.text
    assert waiting.all(id="import-progress")[0].attributes["hx-trigger"] == "load delay:2s"
    assert waiting.all("noscript"), "Without scripts the page comes again by itself."

    catalog_folder.settle()
    done = Page(client, progress)
    assert "1 entity can be read" in done.text
    assert done.links["component:default/shop"] == "/catalog/default/component/shop"
    assert done.links["View Component"] == "/catalog/default/component/shop"
    assert done.links["Register another"] == START
    assert "hx-get" not in done.all(id="import-progress")[0].attributes


def test_a_file_is_being_read_until_the_last_step_of_its_last_entity(client: Client, web: CatalogWeb):
    web.write(FILE, "---\n".join([component("shop"), component("cart")]))
    progress = register(client, FILE)
    orchestrator = build_orchestrator()
    steps = 0
    while process_due(orchestrator, limit=1) or stitch_pending(limit=1):
        steps += 1
        page = Page(client, progress)
        if "2 entities can be read" in page.text:
            break
        assert "The catalog is reading" in page.text, page.text
    assert steps > 2


def test_what_is_wrong_is_said_with_its_file_and_leads_to_why(
    client: Client, web: CatalogWeb, catalog_folder: CatalogFolder
):
    web.write(FILE, component("shop"))
    progress = register(client, FILE)
    web.write(FILE, f"{component('shop')}---\n{component('no_owner').replace('owner: team-a', 'owner: 5')}")
    catalog_folder.settle()
    page = Page(client, progress)
    assert "Something is in the way" in page.text
    assert page.all("li", css="problem")
    assert page.links["Why is something missing? " + FILE].startswith("/catalog/why?url=https://git.example/")


def test_a_dry_run_that_fails_says_what_the_catalog_says(client: Client, web: CatalogWeb):
    web.write(FILE, "kind: [")
    page = Page(client, START, {"url": FILE})
    assert page.all("p", css="field-error")[0].text
    assert page.all("input", id="import-url")[0].attributes["aria-invalid"] == "true"
    assert not page.all("input", name="target")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("git.example/acme", "Must start with http:// or https://."),
        ("javascript:alert(1)//x.yaml", "Must start with http:// or https://."),
        ("https://nobody.example/acme/shop", "This URL was not recognized as a valid git URL"),
        ("https://git.example/acme/shop/blob/main/nothing.yaml", "nothing.yaml"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_in_words(client: Client, web: CatalogWeb, url: str, said: str):
    assert said in Page(client, START, {"url": url}).all("p", css="field-error")[0].text


def test_a_file_that_is_registered_already_is_refreshed(client: Client, web: CatalogWeb, catalog_folder: CatalogFolder):
    web.write(FILE, component("shop"))
    register(client, FILE)
    catalog_folder.settle()
    page = Page(client, START, {"url": FILE})
    assert "registered already" in page.text
    assert "in the catalog" in page.text
    assert "Refresh" in [button.text for button in page.all("button")]
    register(client, FILE)
    assert Location.objects.count() == 1


def test_a_repository_that_has_files_already_shows_them(client: Client, web: CatalogWeb):
    files = [f"{REPOSITORY}/browse/{folder}/catalog-info.yaml" for folder in ("cart", "pay")]
    for file in files:
        web.write(file, component(file.split("/")[-2]))
    with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
        page = Page(client, START, {"url": REPOSITORY})
    chosen = page.all("input", name="target")
    assert [element.attributes["value"] for element in chosen] == files
    assert all("checked" in element.attributes for element in chosen)
    assert "component:default/cart" in page.text
    assert "component:default/pay" in page.text
    assert not Location.objects.exists()


def test_files_that_there_was_no_time_for_are_counted(client: Client, web: CatalogWeb):
    for number in range(31):
        web.write(f"{REPOSITORY}/browse/{number}/catalog-info.yaml", component(f"part-{number}"))
    with override_config({"integrations": {"bitbucketServer": [{"host": "git.example"}]}}):
        page = Page(client, START, {"url": REPOSITORY})
    assert len(page.all("input", name="target")) == 30
    assert "The repository has 1 more file that isn't shown here." in page.text
    assert "A pattern registers them all" in page.text


def test_what_reading_a_file_again_would_change_is_said(client: Client, web: CatalogWeb, catalog_folder: CatalogFolder):
    web.write(FILE, component("shop"))
    register(client, FILE)
    catalog_folder.settle()
    assert "Nothing changes." in Page(client, START, {"url": FILE}).text
    web.write(
        FILE,
        component("shop")
        .replace("owner: team-a", "owner: team-b")
        .replace("name: shop", "name: shop\n          title: Shop"),
    )
    assert "Changes: metadata.title, spec.owner" in Page(client, START, {"url": FILE}).text


def test_a_name_that_another_file_has_is_said_beforehand(
    client: Client, web: CatalogWeb, catalog_folder: CatalogFolder
):
    web.write(FILE, component("shop"))
    register(client, FILE)
    catalog_folder.settle()
    web.write(OTHER, component("shop"))
    page = Page(client, START, {"url": OTHER})
    assert "name is taken" in page.text
    assert f"it comes from url:{FILE} and stays" in page.text

    progress = register(client, OTHER)
    catalog_folder.settle()
    after = Page(client, progress)
    assert "Something is in the way" in after.text
    assert "component:default/shop is left out: the name is taken." in after.text
    assert after.facts()["By"] == f"url:{FILE}"


def test_one_file_that_fails_does_not_stop_the_others(client: Client, web: CatalogWeb, catalog_folder: CatalogFolder):
    web.write(FILE, component("shop"))
    progress = register(client, "ftp\x01://nowhere", FILE)
    catalog_folder.settle()
    page = Page(client, progress)
    assert Location.objects.filter(target=FILE).exists()
    assert "component:default/shop" in page.links


def test_no_more_files_are_registered_than_can_be_watched(client: Client):
    too_many = [f"https://git.example/{number}.yaml" for number in range(MOST_FILES + 1)]
    assert client.post(f"{START}/register", {"target": too_many}).status_code == 400
    assert client.post(f"{START}/register").status_code == 400
    assert not Location.objects.exists()


def test_who_may_not_create_entities_finds_no_page(client: Client, fake_permissions: Any):
    fake_permissions.deny("catalog.entity.create")
    assert client.get(START).status_code == 404
    assert client.post(f"{START}/register", {"target": [FILE]}).status_code == 404


def test_who_may_not_create_locations_is_told(client: Client, web: CatalogWeb, fake_permissions: Any):
    fake_permissions.deny("catalog.location.create")
    web.write(FILE, component("shop"))
    assert "catalog.location.create" in Page(client, START, {"url": FILE}).all("p", css="field-error")[0].text
    assert "catalog.location.create" in Page(client, register(client, FILE)).text


def test_a_read_only_catalog_says_so(client: Client, web: CatalogWeb):
    web.write(FILE, component("shop"))
    with override_config({"catalog": {"readonly": True}}):
        assert "read-only" in Page(client, register(client, FILE)).text


def test_nothing_that_files_and_addresses_hold_is_markup(client: Client, web: CatalogWeb):
    web.write(
        FILE,
        component("shop").replace(
            "name: shop", f"name: shop\n          title: {EVIL!r}\n          description: {EVIL!r}"
        ),
    )
    page = Page(client, START, {"url": FILE})
    assert EVIL not in page.html
    assert EVIL in page.text
    assert EVIL not in Page(client, START, {"url": f"https://git.example/{EVIL}.yaml"}).html
    state = dump_state(files=[(EVIL, EVIL)])
    assert EVIL not in Page(client, f"{START}/progress", {"of": state}).html


def test_a_link_that_nobody_here_made_is_refused(client: Client):
    assert client.get(f"{START}/progress", {"of": "forged"}).status_code == 400
    assert client.get(f"{START}/proposal", {"of": "forged"}).status_code == 400
    assert client.get(f"{START}/proposal").status_code == 200


def test_with_htmx_only_the_step_comes(client: Client, web: CatalogWeb):
    web.write(FILE, component("shop"))
    response = client.get(START, {"url": FILE}, headers={"HX-Request": "true", "HX-Target": "import-step"})
    assert response.content.decode().lstrip().startswith('<div id="import-step"')


def test_a_page_that_waits_for_too_long_stops_and_says_so(client: Client, web: CatalogWeb):
    web.write(FILE, component("shop"))
    page = Page(client, f"{register(client, FILE)}&looks=45")
    assert "This takes longer than it should" in page.text
    assert "hx-get" not in page.all(id="import-progress")[0].attributes


def test_a_review_does_a_fixed_number_of_statements(
    client: Client, web: CatalogWeb, django_assert_max_num_queries: Any
):
    web.write(FILE, "---\n".join(component(f"c-{number}") for number in range(40)))
    with django_assert_max_num_queries(6):
        Page(client, START, {"url": FILE})


@pytest.mark.django_db(databases=["default", "catalog", "catalog_import", "home", "api_docs"])
def test_nobody_is_led_here_who_may_not_register(guest_client: Client, settings: Any):
    def led_from() -> list[str]:
        return [path for path in ("/home", "/api-docs") if START in Page(guest_client, path).links.values()]

    assert led_from() == ["/home", "/api-docs"]
    policy = {"policy": "tests.catalog.policies.Nothing"}
    backend = {"BACKEND": "portal.services.permissions.PolicyPermissions", "OPTIONS": policy}
    settings.PORTAL_SERVICES = {**settings.PORTAL_SERVICES, "permissions": backend}
    with override_config({"permission": {"enabled": True}}):
        assert led_from() == []
        assert guest_client.get(START).status_code == 404
