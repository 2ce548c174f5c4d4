"""The catalog in the Django admin: what is shown, what can be done, and by whom."""

from __future__ import annotations

import html
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from apps.catalog.models import AdminEntity, FinalEntity, HeldRemoval, HistoryEntry, RefreshState
from apps.catalog.operations import (
    apply_full_mutation,
    connect_providers,
    delete_entities,
    process_due,
    register_location,
    stitch_pending,
)
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from tests.catalog.conftest import CatalogFolder, component, provided

WEB = "component:default/web"
TABLES = [
    "adminentity",
    "conflict",
    "finalentity",
    "heldremoval",
    "historyentry",
    "location",
    "refreshedge",
    "refreshstate",
    "relation",
    "stitchrequest",
]


def listing(table: str) -> str:
    return reverse(f"admin:catalog_{table}_changelist")


def act(client: Client, table: str, action: str, *ids: Any, status: int = 200, **more: str) -> str:
    """Do something to rows of a list; return the page that follows."""
    data = {"action": action, "_selected_action": [str(one) for one in ids], **more}
    response = client.post(listing(table), data, follow=True)
    assert response.status_code == status
    return response.content.decode()


@pytest.fixture
def filled(folder: CatalogFolder) -> CatalogFolder:
    """A catalog with something in every table."""
    folder.write("web.yaml", component("web", dependsOn="['component:api']") + "---" + component("api"))
    folder.write("two.yaml", component("web"))
    folder.write("wrong.yaml", component("wrong").replace("lifecycle: production", "lifecycle: [1]"))
    folder.read("web.yaml", "two.yaml", "wrong.yaml")
    apply_full_mutation(provider="directory", entities=[provided(f"c-{number}") for number in range(20)])
    apply_full_mutation(provider="directory", entities=[])
    register_location(type="url", target="https://web.example/catalog-info.yaml")
    process_due(build_orchestrator())
    return folder


@pytest.mark.parametrize("table", TABLES)
def test_every_list_opens_and_leads_to_a_row(filled: CatalogFolder, admin_client: Client, table: str) -> None:
    if table == "adminentity":
        save(admin_client)
    response = admin_client.get(listing(table))
    assert response.status_code == 200
    rows = response.context["cl"].queryset
    row = rows.first()
    assert row is not None
    assert admin_client.get(reverse(f"admin:catalog_{table}_change", args=[row.pk])).status_code == 200
    search = admin_client.get(listing(table), {"q": "web"})
    assert search.status_code == 200


@pytest.mark.parametrize("table", [table for table in TABLES if table not in {"adminentity", "location"}])
def test_rows_of_the_pipeline_are_only_read(filled: CatalogFolder, admin_client: Client, table: str) -> None:
    row = admin_client.get(listing(table)).context["cl"].queryset.first()
    assert admin_client.get(reverse(f"admin:catalog_{table}_add")).status_code == 403
    assert admin_client.post(reverse(f"admin:catalog_{table}_delete", args=[row.pk])).status_code == 403
    assert admin_client.post(reverse(f"admin:catalog_{table}_change", args=[row.pk]), {}).status_code == 403


@pytest.mark.parametrize("table", TABLES)
def test_lists_cost_few_queries(
    filled: CatalogFolder, admin_client: Client, django_assert_max_num_queries: Any, table: str
) -> None:
    with django_assert_max_num_queries(7, using="catalog"):
        admin_client.get(listing(table))


@pytest.mark.parametrize("table", ["adminentity", "conflict", "finalentity", "heldremoval", "location", "refreshstate"])
def test_an_action_on_what_is_no_row_is_refused(filled: CatalogFolder, admin_client: Client, table: str) -> None:
    save(admin_client)
    actions = [name for name, _ in admin_client.get(listing(table)).context["action_form"].fields["action"].choices]
    for action in filter(None, actions):
        page = act(admin_client, table, action, "<b>", status=400)
        assert "&lt;b&gt;&#x27; is no row of this list" in page


@pytest.mark.parametrize("state", ["error", "ok", "never", "due"])
def test_the_queue_can_be_narrowed(filled: CatalogFolder, admin_client: Client, state: str) -> None:
    RefreshState.objects.filter(entity_ref="component:default/api").update(next_update_at="2020-01-01T00:00Z")
    found = admin_client.get(listing("refreshstate"), {"state": state}).context["cl"].queryset
    refs = set(found.values_list("entity_ref", flat=True))
    assert ("component:default/wrong" in refs) == (state in {"error", "never"})
    assert ("component:default/api" in refs) == (state in {"ok", "due"})


def test_entities_are_refreshed_and_deleted_by_name(filled: CatalogFolder, admin_client: Client) -> None:
    entity = FinalEntity.objects.get(entity_ref=WEB)
    act(admin_client, "finalentity", "refresh", entity.pk)
    assert RefreshState.objects.get(entity_ref=WEB).actor == "admin in the admin"
    act(admin_client, "finalentity", "delete_from_catalog", entity.pk)
    assert HistoryEntry.objects.filter(entity_ref=WEB).latest("id").cause.startswith("admin in the admin deleted it")
    filled.refresh()
    assert WEB in filled.refs()


def test_states_and_conflicts_are_refreshed_first(filled: CatalogFolder, admin_client: Client) -> None:
    state = RefreshState.objects.get(entity_ref="component:default/wrong")
    act(admin_client, "refreshstate", "refresh", state.pk)
    state.refresh_from_db()
    assert (state.priority, state.actor) == (1, "admin in the admin")
    conflict = admin_client.get(listing("conflict")).context["cl"].queryset.get()
    assert "two.yaml" in act(admin_client, "conflict", "refresh", conflict.pk)
    assert RefreshState.objects.get(entity_ref=WEB).priority == 1


def test_a_held_removal_lists_what_would_go_and_is_confirmed(filled: CatalogFolder, admin_client: Client) -> None:
    held = HeldRemoval.objects.get()
    page = admin_client.get(reverse("admin:catalog_heldremoval_change", args=[held.pk])).content.decode()
    assert "20 of 20 entities" in page
    assert "component:default/c-19" in page
    assert "20 entities of directory were removed" in act(admin_client, "heldremoval", "confirm", held.pk)
    assert not HeldRemoval.objects.exists()
    cause = HistoryEntry.objects.filter(entity_ref="component:default/c-1").first()
    assert cause is None or "asked for by admin in the admin" in cause.cause
    assert "component:default/c-1" not in filled.refs()


def test_the_history_shows_what_changed(filled: CatalogFolder, admin_client: Client) -> None:
    filled.write("web.yaml", component("web", system="shop") + "---" + component("api"))
    filled.refresh()
    entry = HistoryEntry.objects.filter(entity_ref=WEB).latest("id")
    page = admin_client.get(reverse("admin:catalog_historyentry_change", args=[entry.pk])).content.decode()
    assert "+  system: shop" in page


def test_actions_take_the_permissions_of_their_table(filled: CatalogFolder, client: Client) -> None:
    viewer = User.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=["view_finalentity", "view_heldremoval"]))
    client.force_login(viewer)
    entity, held = FinalEntity.objects.get(entity_ref=WEB), HeldRemoval.objects.get()
    act(client, "finalentity", "delete_from_catalog", entity.pk)
    act(client, "finalentity", "refresh", entity.pk)
    act(client, "heldremoval", "confirm", held.pk)
    assert FinalEntity.objects.filter(pk=entity.pk).exists()
    assert RefreshState.objects.get(entity_ref=WEB).actor == ""
    assert HeldRemoval.objects.exists()
    viewer.user_permissions.add(*Permission.objects.filter(codename__in=["delete_finalentity"]))
    act(client, "finalentity", "delete_from_catalog", entity.pk)
    assert not FinalEntity.objects.filter(pk=entity.pk).exists()


# --- Entities made in the admin ---

ADD = reverse("admin:catalog_adminentity_add")


def text_of(name: str, **spec: Any) -> str:
    return "\n".join(line.removeprefix("        ") for line in component(name, **spec).splitlines())


def save(client: Client, text: str | None = None, *, row: AdminEntity | None = None, **more: str) -> str:
    """Send the form; return the page that follows."""
    url = ADD if row is None else reverse("admin:catalog_adminentity_change", args=[row.pk])
    began = {} if row is None else {"began_from": row.updated_at.isoformat()}
    response = client.post(url, {"text": text_of("made") if text is None else text, **began, **more}, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def errors_of(page: str) -> str:
    """Return the errors of a form as text."""
    return html.unescape(page.partition('class="errorlist')[2].partition("</ul>")[0])


def test_a_saved_entity_is_served_before_a_backlog(folder: CatalogFolder, admin_client: Client) -> None:
    apply_full_mutation(provider="slow", entities=[provided(f"c-{number}") for number in range(500)])
    page = save(admin_client)
    assert "In a moment, the catalog has" in page
    assert process_due(build_orchestrator()) == 1
    stitch_pending(interactive_only=True)
    row = AdminEntity.objects.get()
    entity = folder.entity("component:default/made")
    path = reverse("admin:catalog_adminentity_change", args=[row.pk])
    assert entity["metadata"]["annotations"] == {
        "backstage.io/managed-by-location": f"admin:{path}",
        "backstage.io/managed-by-origin-location": f"admin:{path}",
        "backstage.io/edit-url": f"http://testserver{path}",
    }
    assert RefreshState.objects.get(entity_ref="component:default/made").location_key == "admin:"
    assert row.edited_by == "admin in the admin"
    (created,) = HistoryEntry.objects.filter(entity_ref="component:default/made")
    assert created.cause == f"provided by admin (admin:{path}), asked for by admin in the admin"


def test_the_entity_page_leads_to_its_form(folder: CatalogFolder, admin_client: Client, guest_client: Client) -> None:
    save(admin_client)
    folder.settle()
    page = guest_client.get("/catalog/default/component/made").content.decode()
    path = reverse("admin:catalog_adminentity_change", args=[AdminEntity.objects.get().pk])
    assert f'href="{path}"' in page
    assert "component:default/made" in admin_client.get(path).content.decode()


def test_an_entity_is_changed_renamed_and_deleted(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client)
    folder.settle()
    uid = folder.entity("component:default/made")["metadata"]["uid"]
    save(admin_client, text_of("made", system="shop"), row=AdminEntity.objects.get())
    folder.settle()
    assert folder.entity("component:default/made")["spec"]["system"] == "shop"
    assert folder.entity("component:default/made")["metadata"]["uid"] == uid
    save(admin_client, text_of("renamed"), row=AdminEntity.objects.get())
    folder.settle()
    assert folder.refs() == {"component:default/renamed"}
    row = AdminEntity.objects.get()
    admin_client.post(reverse("admin:catalog_adminentity_delete", args=[row.pk]), {"post": "yes"})
    assert folder.refs() == set()
    assert not RefreshState.objects.exists()
    cause = HistoryEntry.objects.filter(entity_ref="component:default/renamed").latest("id").cause
    assert cause.startswith("admin no longer has it, asked for by admin in the admin")


def test_several_are_deleted_from_the_list(folder: CatalogFolder, admin_client: Client) -> None:
    for name in ("one", "two"):
        save(admin_client, text_of(name))
    folder.settle()
    ids = AdminEntity.objects.values_list("pk", flat=True)
    act(admin_client, "adminentity", "delete_selected", *ids, post="yes")
    assert folder.refs() == set()
    assert not AdminEntity.objects.exists()


def test_json_and_teletype_line_breaks_are_fine(folder: CatalogFolder, admin_client: Client) -> None:
    entity = '{"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "g"},\r\n'
    assert errors_of(save(admin_client, entity + '"spec": {"type": "team", "children": []}}')) == ""
    definition = text_of("api", definition="|\n    one\n    two\n").replace("Component", "API").replace("\n", "\r\n")
    assert errors_of(save(admin_client, definition)) == ""
    folder.settle()
    assert folder.refs() == {"group:default/g", "api:default/api"}
    assert folder.entity("api:default/api")["spec"]["definition"] == "one\ntwo\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "required"),
        ("# nothing", "There is no entity in the text"),
        ("kind: [", "Close the list"),
        (f"{text_of('a')}---{text_of('b')}", "has 2 documents"),
        ("just words", "expected an object"),
        (text_of("a").replace("kind: Component", "kind: Componant"), "No processor recognized the entity"),
        (text_of("a").replace("name: a", "name: 'a b'"), '"metadata.name" is not valid'),
        (text_of("a").replace("lifecycle: production", "lifecycle: [1]"), "spec.lifecycle"),
        (text_of("a").replace("owner: team-a", "owner: ':x'"), "spec.owner"),
        (text_of("a").replace("name: a", "annotations: 3\n  name: a"), "annotations"),
        (text_of("a", definition="{$text: ./a.md}"), "is relative"),
        (text_of("a").replace("kind: Component", "kind: Location"), "add it under Registered locations"),
    ],
)
def test_what_the_catalog_would_refuse_is_told_at_the_field(
    folder: CatalogFolder, admin_client: Client, text: str, words: str
) -> None:
    told = errors_of(save(admin_client, text))
    assert words in told
    assert "(in admin:" not in told
    assert not AdminEntity.objects.exists()


def test_a_name_that_belongs_to_another_is_refused(folder: CatalogFolder, admin_client: Client) -> None:
    path = folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    assert f"belongs to file:{path}" in errors_of(save(admin_client, text_of("Web")))
    apply_full_mutation(provider="directory", entities=[provided("free", key=None)])
    assert "belongs to directory" in errors_of(save(admin_client, text_of("free")))
    save(admin_client)
    assert "was made here already" in errors_of(save(admin_client))
    save(admin_client, text_of("other"))
    other = AdminEntity.objects.get(entity_ref="component:default/other")
    assert "was made here already" in errors_of(save(admin_client, text_of("made"), row=other))


def test_a_file_cant_take_over_what_was_made_here(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client, text_of("web", system="made-here"))
    folder.write("web.yaml", component("web"))
    folder.read("web.yaml")
    assert folder.entity(WEB)["spec"]["system"] == "made-here"


def test_nobody_overwrites_what_another_has_changed_meanwhile(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client)
    row = AdminEntity.objects.get()
    save(admin_client, text_of("made", system="theirs"), row=row)
    told = errors_of(save(admin_client, text_of("made", system="mine"), row=row))
    assert "has changed this entity since you began" in told
    assert "theirs" in AdminEntity.objects.get().text


def test_a_worker_that_starts_puts_right_what_differs(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client)
    save(admin_client, text_of("other"))
    AdminEntity.objects.filter(entity_ref="component:default/other").delete()
    RefreshState.objects.filter(entity_ref="component:default/made").update(location_key=None, unprocessed_hash="")
    connect_providers()
    folder.settle()
    assert folder.refs() == {"component:default/made"}
    assert RefreshState.objects.get(entity_ref="component:default/made").location_key == "admin:"


def test_the_provider_can_be_disabled(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client)
    with override_config({"catalog": {"providerOptions": {"admin": {"disabled": True}}, "locations": []}}):
        assert admin_client.get(ADD).status_code == 403
        connect_providers()
        assert "switched off" in admin_client.get(listing("adminentity")).content.decode()
    folder.settle()
    assert folder.refs() == set()


def test_what_becomes_of_an_entity_is_shown(folder: CatalogFolder, admin_client: Client) -> None:
    save(admin_client)
    assert "on its way" in admin_client.get(listing("adminentity")).content.decode()
    folder.settle()
    assert "in the catalog" in admin_client.get(listing("adminentity")).content.decode()
    RefreshState.objects.update(errors='[{"name": "InputError", "message": "the rules have changed"}]')
    page = admin_client.get(reverse("admin:catalog_adminentity_change", args=[AdminEntity.objects.get().pk]))
    assert "the rules have changed" in page.content.decode()
    delete_entities(refs=["component:default/made"], cause="a test")
    assert "it comes back when it is saved" in admin_client.get(listing("adminentity")).content.decode()
    save(admin_client, row=AdminEntity.objects.get())
    folder.settle()
    assert "in the catalog" in admin_client.get(listing("adminentity")).content.decode()
