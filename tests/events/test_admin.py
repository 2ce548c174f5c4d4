"""The bus in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from apps.events.models import Event, Subscription
from apps.events.operations import Publication, publish_events, put_subscription

pytestmark = pytest.mark.usefixtures("still")


@pytest.fixture
def admin(client: Client) -> Client:
    """An administrator's browser, and a bus with an event in it."""
    client.force_login(User.objects.create_superuser("root"))
    for name in ("catalog.all", "search.all"):
        put_subscription(id=name, topics=["news"], actor="test")
    publish_events([Publication("news", '{"b":"<i>"}', notified=["catalog.all"])], actor="plugin:catalog")
    return client


@pytest.mark.parametrize("path", ["event/", "event/1/change/", "subscription/", "subscription/search.all/change/"])
def test_what_waits_can_be_looked_at(admin: Client, path: str) -> None:
    response = admin.get(f"/admin/events/{path}")
    assert response.status_code == 200
    assert "<i>" not in response.text


def test_an_event_is_shown_with_who_had_it(admin: Client) -> None:
    page = admin.get("/admin/events/event/1/change/").text
    assert "&quot;b&quot;: &quot;&lt;i&gt;&quot;" in page
    assert "catalog.all" in page


def test_a_subscription_is_shown_with_how_much_waits(admin: Client) -> None:
    (waiting,) = [
        row
        for row in admin.get("/admin/events/subscription/").context["cl"].result_list
        if Event.objects.unread_by(row).exists()
    ]
    assert waiting.pk == "search.all"


def test_nothing_is_written_by_hand_but_a_subscription_can_go(admin: Client) -> None:
    assert admin.get("/admin/events/event/add/").status_code == 403
    assert admin.post("/admin/events/event/1/change/", {}).status_code == 403
    admin.post("/admin/events/subscription/search.all/delete/", {"post": "yes"})
    assert list(Subscription.objects.values_list("pk", flat=True)) == ["catalog.all"]
