"""What people set of widgets, and the forms that ask for it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from apps.home.forms import SettingsForm
from apps.home.models import Arrangement
from portal.config import override_config
from portal.testing.rendering import SOMEBODY
from tests.catalog.conftest import CatalogFolder, component
from tests.catalog.pages import Page
from tests.home.conftest import Stars

pytestmark = pytest.mark.django_db(databases=["default", "catalog", "home"])

HOME = "/home"
EDIT = "/home/edit"
STARRED = "home-page-widget:home/starred-entities"
CLOCK = "home-page-widget:home/world-clock"
EVIL = "<script>alert(1)</script>"

#: One property of each kind that can be asked for, and one that can't.
SCHEMA: dict[str, Any] = {
    "text": {"type": "string", "maxLength": 5, "title": "A text", "description": "Five letters"},
    "long": {"type": "string", "maxLength": 1000},
    "pattern": {"type": "string", "pattern": "^a+$"},
    "count": {"type": "integer", "minimum": 1, "maximum": 3, "default": 2},
    "ratio": {"type": "number"},
    "switch": {"type": "boolean"},
    "choice": {"enum": [1, 2]},
    "lines": {"type": "array", "items": {"type": "string", "minLength": 2}},
    "several": {"type": "array", "items": {"enum": ["a", "b"]}},
    "object": {"type": "object"},
    "objects": {"type": "array", "items": {"type": "object"}},
}


@pytest.fixture(autouse=True)
def _stars(stars: Stars) -> None:
    """Have stars on every page here."""


def send(client: Client, do: str, widget: str, **fields: str) -> Any:
    """Send the form of a widget's settings."""
    return client.post(EDIT, {"do": do, "widget": widget, **fields})


def filled(text: str) -> SettingsForm:
    """Return a form that somebody has sent, written as the address of a page."""
    return SettingsForm(SCHEMA, {}, data=QueryDict(text))


def test_each_kind_of_value_has_its_field():
    form = SettingsForm(SCHEMA, {"lines": ["ab", "cd"], "count": 2}, widget="some")
    assert list(form.fields) == ["text", "long", "pattern", "count", "ratio", "switch", "choice", "lines", "several"]
    html = form.as_p()
    assert "A text" in html
    assert "Five letters" in html
    assert 'maxlength="5"' in html
    assert "ab\ncd</textarea>" in html
    assert 'min="1"' in html
    assert 'id="some-count"' in html


def test_what_is_sent_comes_out_as_json():
    form = filled("text=ab&count=3&ratio=1.5&switch=on&choice=2&lines=ab%0D%0A%0D%0A+cd+&several=a&several=b")
    assert form.is_valid(), form.errors
    assert form.settings == {
        "text": "ab",
        "count": 3,
        "ratio": 1.5,
        "switch": True,
        "choice": 2,
        "lines": ["ab", "cd"],
        "several": ["a", "b"],
    }


def test_what_is_left_empty_is_not_set():
    form = filled("text=&count=&choice=")
    assert form.is_valid()
    assert form.settings == {"switch": False, "lines": [], "several": []}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("text=toolong", "text"),
        ("count=4", "count"),
        ("count=x", "count"),
        ("choice=3", "choice"),
        ("lines=a", "lines"),
        ("several=c", "several"),
        ("pattern=b", "pattern"),
    ],
)
def test_what_does_not_fit_the_schema_is_said_beside_its_field(text: str, field: str):
    form = filled(text)
    assert not form.is_valid()
    assert list(form.errors) == [field]


def test_a_person_sets_a_widget_up_and_nobody_else_sees_it(client: Client, signed_in: Any, stars: Stars, tmp_path: Any):
    catalog = CatalogFolder(tmp_path)
    catalog.write("all.yaml", "---".join(component(f"c-{number}") for number in range(3)))
    catalog.read("all.yaml")
    stars.refs = [f"component:default/c-{number}" for number in range(3)]
    assert send(client, "settings", STARRED, limit="2").status_code == 302
    assert "and 1 more" in Page(client, HOME).text
    assert "and 1 more" not in Page(signed_in("user:default/other"), HOME).text
    assert Page(client, EDIT).all("input", id=f"{STARRED}-limit")[0].attributes["value"] == "2"
    assert send(client, "default-settings", STARRED).status_code == 302
    assert "and 1 more" not in Page(client, HOME).text


def test_a_mistake_is_shown_and_nothing_is_kept(client: Client):
    response = send(client, "settings", STARRED, limit="99")
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<details class="home-settings" id="{STARRED}-settings" open>' in html
    assert f'id="{STARRED}-limit_error"' in html
    assert 'value="99"' in html
    assert not Arrangement.objects.exists()


@pytest.mark.parametrize("widget", ["nothing", "home-page-widget:home/toolkit"])
def test_what_has_no_settings_can_not_be_set_up(client: Client, widget: str):
    assert send(client, "settings", widget, limit="2").status_code == 400


def test_settings_that_no_longer_fit_give_way_to_the_defaults(client: Client):
    rows = [{"widget": STARRED, "visible": True, "width": 6, "height": 0, "settings": {"limit": "many", "old": 1}}]
    Arrangement.objects.create(user_ref=SOMEBODY.subject, widgets=rows)
    with override_config({"app": {"extensions": [{STARRED: {"config": {"limit": 5}}}]}}):
        assert Page(client, EDIT).all("input", id=f"{STARRED}-limit")[0].attributes["value"] == "5"


def test_moving_a_widget_keeps_what_was_set(client: Client):
    send(client, "settings", STARRED, limit="2")
    send(client, "up", STARRED)
    (row,) = [row for row in Arrangement.objects.get().widgets if row["widget"] == STARRED]
    assert row["settings"] == {"limit": 2}


def clocks(page: Page) -> dict[str, str]:
    """Return what each clock shows, by its zone."""
    times = page.all("time")
    return {one.attributes["data-clock"]: one.text for one in times if "data-clock" in one.attributes}


@pytest.fixture
def noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have it be noon in London, in winter."""
    monkeypatch.setattr("apps.home.extensions.greeting.timezone.now", lambda: datetime(2026, 1, 5, 12, tzinfo=UTC))


@pytest.mark.usefixtures("noon")
def test_clocks_show_the_zones_that_a_person_chose(client: Client):
    send(client, "show", CLOCK)
    assert "Choose time zones" in Page(client, HOME).text
    send(client, "settings", CLOCK, timeZones="Europe/Stockholm\nAmerica/New_York\nEurope\nNo/Where", hours="24")
    page = Page(client, HOME)
    assert clocks(page) == {"Europe/Stockholm": "13:00", "America/New_York": "07:00"}
    assert "New York" in page.text
    assert "There is no time zone No/Where." in page.text
    assert "There is no time zone Europe." in page.text
    send(client, "settings", CLOCK, timeZones="Europe/Stockholm", hours="12")
    assert clocks(Page(client, HOME)) == {"Europe/Stockholm": "1 p.m."}


def test_the_script_of_a_widget_comes_with_the_widget(client: Client):
    assert "home/clocks" not in Page(client, HOME).html
    send(client, "show", CLOCK)
    assert "home/clocks" in Page(client, HOME).html


@pytest.mark.usefixtures("noon")
def test_clocks_of_the_configuration_have_names_of_their_own(client: Client):
    config = {"clocks": [{"label": EVIL, "timeZone": "Asia/Tokyo"}]}
    send(client, "show", CLOCK)
    with override_config({"app": {"extensions": [{CLOCK: {"config": config}}]}}):
        page = Page(client, HOME)
    assert clocks(page) == {"Asia/Tokyo": "21:00"}
    assert EVIL in page.text
    assert EVIL not in page.html


def test_a_line_that_is_no_zone_is_refused(client: Client):
    assert f'id="{CLOCK}-timeZones_error"' in send(client, "settings", CLOCK, timeZones="../etc").content.decode()


def test_a_welcome_may_be_chosen(client: Client):
    assert "Welcome, jane" not in Page(client, HOME).text
    send(client, "show", "home-page-widget:home/welcome-title")
    assert "Welcome, jane" in Page(client, HOME).text
