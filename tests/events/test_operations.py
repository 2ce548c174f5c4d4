"""The bus itself: whatever happens in whatever order, everybody gets what is theirs, once and in order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.events.models import Event, Receipt, Subscription, Tail
from apps.events.operations import (
    BATCH,
    LAG,
    MAX_AGE,
    MAX_COUNT,
    MIN_AGE,
    TOUCH_EVERY,
    Publication,
    delete_old,
    publish_events,
    put_subscription,
    take_events,
)
from apps.events.queries import News, tail_position
from portal.errors import NotFoundError
from tests.events.conftest import SleepingLoop

pytestmark = pytest.mark.usefixtures("still")

IDS = ("a", "b", "c")
TOPICS = ("x", "y")
ACTIONS = st.one_of(
    st.tuples(st.just("publish"), st.sampled_from(TOPICS), st.frozensets(st.sampled_from(IDS))),
    st.tuples(st.just("subscribe"), st.sampled_from(IDS), st.frozensets(st.sampled_from(TOPICS))),
    st.tuples(st.just("read"), st.sampled_from(IDS)),
)


def publish(topic: str, payload: str = "null", **options: Any) -> bool:
    """Publish an event; say whether it was kept."""
    return publish_events([Publication(topic, payload, **options)], actor="test") == 1


def subscribe(id: str, *topics: str) -> Subscription:
    """Make a subscription."""
    return put_subscription(id=id, topics=topics, actor="test")


def take(id: str) -> list[str]:
    """Read; return payloads."""
    return [event.payload for event in take_events(id=id)]


class Model:
    """What the bus should do, said in lists."""

    def __init__(self) -> None:
        self.topics: dict[str, frozenset[str]] = {}
        self.waiting: dict[str, list[tuple[str, str]]] = {}

    def publish(self, topic: str, payload: str, notified: frozenset[str]) -> bool:
        """Put it down for each subscription to the topic; say whether there is any."""
        wanted = [name for name, topics in self.topics.items() if topic in topics and name not in notified]
        for name in wanted:
            self.waiting[name].append((topic, payload))
        return bool(wanted)

    def subscribe(self, name: str, topics: frozenset[str]) -> None:
        """Forget what waits on topics that the subscription no longer has."""
        self.topics[name] = topics
        self.waiting[name] = [event for event in self.waiting.get(name, []) if event[0] in topics]

    def read(self, name: str) -> list[str]:
        """Take the next ones."""
        taken, self.waiting[name] = self.waiting[name][:BATCH], self.waiting[name][BATCH:]
        return [payload for _, payload in taken]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(actions=st.lists(ACTIONS, max_size=40))
def test_everybody_gets_what_is_theirs_once_and_in_order(actions: list[Any]) -> None:
    model = Model()
    with transaction.atomic(using="events"):
        for number, (what, name, *rest) in enumerate(actions):
            if what == "publish":
                assert publish(name, str(number), notified=rest[0]) == model.publish(name, str(number), rest[0])
            elif what == "subscribe":
                subscribe(name, *rest[0])
                model.subscribe(name, rest[0])
            elif name in model.topics:
                assert take(name) == model.read(name)
        transaction.set_rollback(True, using="events")


def test_positions_are_counted_and_never_used_again() -> None:
    subscribe("a", "t")
    publish_events([Publication("t", "1"), Publication("t", "2")], actor="test")
    assert kept() == [1, 2]
    Event.objects.all().delete()
    publish("t")
    assert kept() == [3]
    assert tail_position() == 3


def test_what_nobody_waits_for_isnt_kept() -> None:
    subscribe("a", "t")
    assert not publish("other")
    assert not publish("t", notified=["a"])
    assert not Event.objects.exists()


def test_of_several_events_those_are_kept_that_somebody_wants() -> None:
    subscribe("a", "t")
    events = [
        Publication("t", "1"),
        Publication("other", "2"),
        Publication("t", "3", notified=["a"]),
        Publication("t", "4", event_id="same"),
        Publication("t", "5", event_id="same"),
    ]
    assert publish_events(events, actor="test") == 3
    assert publish_events([Publication("t", "6", event_id="same")], actor="test") == 1
    assert take("a") == ["1", "4"]


def test_many_events_cost_hardly_more_than_one(django_assert_max_num_queries: Any) -> None:
    subscribe("a", "t")
    publish("t")
    with django_assert_max_num_queries(10, using="events"):
        publish_events([Publication("t", str(number), event_id=str(number)) for number in range(100)], actor="test")


def test_an_event_knows_who_had_it() -> None:
    for name in ("a", "b", "c"):
        subscribe(name, "t")
    subscribe("d", "other")
    publish("t", notified=["b", "c", "b", "d", "nosuch"])
    assert set(Receipt.objects.values_list("subscription_id", flat=True)) == {"b", "c"}


def test_an_unknown_subscription_cant_be_read() -> None:
    with pytest.raises(NotFoundError, match="'a'"):
        take_events(id="a")


def test_who_has_use_for_nothing_is_moved_on_before_there_is_much_to_look_through() -> None:
    subscribe("a", "t")
    subscribe("b", "other")
    for _ in range(LAG + 1):
        publish("other")

    assert take("a") == []

    assert Subscription.objects.get(pk="a").position == tail_position()


def test_reading_nothing_writes_nothing_for_a_while(django_assert_num_queries: Any) -> None:
    subscribe("a", "t")
    with django_assert_num_queries(3, using="events"):
        assert take("a") == []

    long_ago = timezone.now() - TOUCH_EVERY - timedelta(seconds=1)
    Subscription.objects.update(read_at=long_ago)
    take("a")
    assert Subscription.objects.get().read_at > long_ago


def test_publishing_to_nobody_is_one_question(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1, using="events"):
        publish("t")


def test_readers_are_woken_by_what_is_committed(still: News, django_capture_on_commit_callbacks: Any) -> None:
    subscribe("a", "t")
    with still.listen(["t"]) as listener, still.listen(["other"]) as other:
        with django_capture_on_commit_callbacks(using="events", execute=True):
            publish("t")
            assert not listener.wait(0)
        assert listener.wait(0)
        assert not other.wait(0)


# Forgetting


def age(event: int, by: timedelta) -> None:
    """Make an event older."""
    Event.objects.filter(position=event).update(created_at=timezone.now() - by)


def kept() -> list[int]:
    """Return the positions of what is there."""
    return list(Event.objects.order_by("position").values_list("position", flat=True))


def test_what_is_older_than_a_day_is_forgotten() -> None:
    subscribe("a", "t")
    subscribe("b", "t")
    for _ in range(3):
        publish("t", notified=["b"])
    age(1, MAX_AGE + timedelta(seconds=1))
    age(2, MAX_AGE - timedelta(minutes=1))

    delete_old()

    assert kept() == [2, 3]
    assert Receipt.objects.count() == 2


def test_of_what_is_older_than_ten_minutes_the_last_ten_thousand_are_kept() -> None:
    subscribe("a", "t")
    for _ in range(4):
        publish("t")
    for event in (1, 2, 3):
        age(event, MIN_AGE + timedelta(seconds=1))
    Tail.objects.update(position=MAX_COUNT + 2)

    delete_old()

    assert kept() == [3, 4]


def test_a_subscription_that_nobody_reads_is_forgotten() -> None:
    for name in ("a", "b"):
        subscribe(name, "t")
    Subscription.objects.filter(pk="a").update(read_at=timezone.now() - MAX_AGE - timedelta(seconds=1))

    delete_old()

    assert list(Subscription.objects.values_list("pk", flat=True)) == ["b"]


# Waiting for other processes


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Have an instance of the test's own look at the bus, as its thread does four times a second.

    It hears nothing from publish_events(), which tells the one of this process.
    """
    steps: list[Callable[[], object]] = []

    class HeldLoop(SleepingLoop):
        def __init__(self, name: str, step: Callable[[], object]) -> None:
            steps.append(step)

    def look() -> None:
        steps[-1]()

    monkeypatch.setattr("apps.events.queries.waiting.Loop", HeldLoop)
    return look


def test_what_another_process_publishes_wakes_who_waits(look: Callable[[], None]) -> None:
    subscribe("a", "t", "other")
    publish("t")
    news = News()
    with news.listen(["t"]) as listener, news.listen(["other"]) as other:
        publish("t")
        assert not listener.wait(0)
        look()
        assert listener.wait(0)
        assert not other.wait(0)


def test_what_was_there_before_wakes_nobody(look: Callable[[], None]) -> None:
    subscribe("a", "t")
    publish("t")
    with News().listen(["t"]) as listener:
        look()
        assert not listener.wait(0)
