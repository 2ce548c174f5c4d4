"""Notes, from the API, the page and the card."""

from collections.abc import Callable

import pytest
from django.test import Client
from portal.credentials import Credentials, ServicePrincipal
from portal.entities import ref_of
from portal.errors import InputError
from portal.testing import sample_entity

from portal_hello.models import TEXT_LENGTH, Note
from portal_hello.operations import write_note
from portal_hello.queries import latest_notes

pytestmark = pytest.mark.django_db(databases=["default", "hello"])

API = "/api/hello/notes"
WEB = "component:default/web"
SOMEBODY = Credentials(ServicePrincipal("tests"))


def test_a_note_is_kept_in_the_database_of_the_plugin():
    note = write_note(entity_ref="Component:default/Web", text=" Ready ", credentials=SOMEBODY)
    assert Note.objects.using("hello").get() == note
    assert (note.entity_ref, note.text, note.author) == (WEB, "Ready", "tests")


def test_the_latest_notes_of_an_entity_come_first():
    for entity_ref, text in [(WEB, "one"), ("api:default/web", "other"), (WEB, "two")]:
        write_note(entity_ref=entity_ref, text=text, credentials=SOMEBODY)
    notes = latest_notes(credentials=SOMEBODY, entity_ref=WEB, limit=5)
    assert [note.text for note in notes] == ["two", "one"]


@pytest.mark.parametrize("text", ["", "  ", "x" * (TEXT_LENGTH + 1)])
def test_a_text_that_is_empty_or_too_long_is_refused(text: str):
    with pytest.raises(InputError, match=f"1 to {TEXT_LENGTH}"):
        write_note(entity_ref=WEB, text=text, credentials=SOMEBODY)


def test_the_api_takes_a_note_and_lists_it(guest_client: Client):
    answer = guest_client.post(API, {"entityRef": WEB, "text": "Hi"}, content_type="application/json")
    assert answer.status_code == 201
    items = guest_client.get(API, {"entityRef": WEB}).json()["items"]
    assert [(item["entityRef"], item["text"]) for item in items] == [(WEB, "Hi")]


def test_the_api_says_what_is_missing(guest_client: Client):
    answer = guest_client.post(API, {"text": "Hi"}, content_type="application/json")
    assert answer.status_code == 400
    assert "'entityRef' must be a string" in answer.json()["error"]["message"]


def test_the_page_lists_notes_escapes_them_and_leads_to_their_entities(guest_client: Client):
    write_note(entity_ref=WEB, text="<b>Hi</b>", credentials=SOMEBODY)
    page = guest_client.get("/hello").content.decode()
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert 'href="/catalog/default/component/web"' in page


def test_a_note_from_the_card_leads_back_to_the_entity(guest_client: Client):
    back = "/catalog/default/component/web"
    answer = guest_client.post("/hello", {"entity_ref": WEB, "text": "Hi", "next": back})
    assert (answer.status_code, answer["Location"]) == (302, back)
    assert Note.objects.get().text == "Hi"


def test_a_note_never_leads_to_another_host(guest_client: Client):
    answer = guest_client.post("/hello", {"entity_ref": WEB, "text": "Hi", "next": "https://evil.example/"})
    assert answer["Location"] == "/hello"


def test_the_card_shows_the_notes_of_its_entity(render_extension: Callable[..., str]):
    entity = sample_entity("component")
    write_note(entity_ref=str(ref_of(entity)), text="Mine", credentials=SOMEBODY)
    write_note(entity_ref=WEB, text="Another's", credentials=SOMEBODY)
    card = render_extension("entity-card:hello/notes", entity=entity)
    assert "Mine" in card
    assert "Another" not in card
