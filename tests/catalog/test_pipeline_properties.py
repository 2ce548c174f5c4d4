"""The pipeline's invariant: whatever order things happened in, wherever it was cut off, the same catalog comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

import orjson
import pytest
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.catalog.extension_points import DeferredEntity
from apps.catalog.models import (
    EntityCount,
    EntitySummary,
    FinalEntity,
    RefreshEdge,
    RefreshState,
    Relation,
    SearchEntry,
    StitchRequest,
)
from apps.catalog.operations import (
    apply_delta_mutation,
    apply_full_mutation,
    connect_providers,
    delete_entities,
    delete_orphans,
    process_due,
    processing,
    settling,
    stitch_pending,
    stitching,
    storing,
)
from apps.catalog.processing import Orchestrator, build_orchestrator
from portal.config import override_config
from tests.catalog.conftest import provided

PROVIDERS = ("north", "south")
NAMES = ("a", "b", "c")

#: What a provider has: for each of its entities, what it depends on.
Holding = dict[str, tuple[str, ...]]


class Crash(Exception):
    """The worker dies here."""


def deferred(provider: str, name: str, depends_on: tuple[str, ...]) -> DeferredEntity:
    """Return an entity of a provider; names of two providers never meet."""
    return provided(f"{provider}-{name}", key=provider, dependsOn=[f"component:{ref}" for ref in depends_on])


def entities(provider: str, holding: Holding) -> list[DeferredEntity]:
    """Return everything that a provider has."""
    return [deferred(provider, name, refs) for name, refs in holding.items()]


targets = st.lists(
    st.sampled_from([f"{provider}-{name}" for provider in PROVIDERS for name in NAMES]), unique=True, max_size=2
).map(tuple)
holdings: st.SearchStrategy[Holding] = st.dictionaries(st.sampled_from(NAMES), targets, max_size=3)


@dataclass(frozen=True)
class Full:
    """A provider states all it has; twice, if the message is delivered again."""

    provider: str
    holding: Holding
    twice: bool


@dataclass(frozen=True)
class Delta:
    """A provider states one entity, or that it is gone."""

    provider: str
    name: str
    depends_on: tuple[str, ...] | None


@dataclass(frozen=True)
class Work:
    """A worker processes or stitches a little, and may die at its last moment."""

    stage: str
    limit: int
    dies: bool


@dataclass(frozen=True)
class Settle:
    """Workers catch up with everything before the next thing happens."""


Event = Full | Delta | Work | Settle
events: st.SearchStrategy[Event] = st.one_of(
    st.builds(Settle),
    st.builds(Full, st.sampled_from(PROVIDERS), holdings, st.booleans()),
    st.builds(Delta, st.sampled_from(PROVIDERS), st.sampled_from(NAMES), st.none() | targets),
    st.builds(Work, st.sampled_from(["process", "stitch"]), st.integers(1, 4), st.booleans()),
)


@dataclass(frozen=True)
class Write:
    """The file that a location points at changes."""

    holding: Holding


changes: st.SearchStrategy[Write | Work | Settle] = st.one_of(
    st.builds(Settle),
    st.builds(Write, holdings),
    st.builds(Work, st.sampled_from(["process", "leave", "stitch"]), st.integers(1, 4), st.booleans()),
)


def happen(event: Event, truth: dict[str, Holding]) -> None:
    """Let an event happen, and keep track of what each provider has said last."""
    match event:
        case Full(provider, holding, twice):
            truth[provider] = dict(holding)
            for _ in range(1 + twice):
                apply_full_mutation(provider=provider, entities=entities(provider, holding))
        case Delta(provider, name, None):
            truth[provider].pop(name, None)
            apply_delta_mutation(provider=provider, removed=[f"component:default/{provider}-{name}"])
        case Delta(provider, name, depends_on) if depends_on is not None:
            truth[provider][name] = depends_on
            apply_delta_mutation(provider=provider, added=[deferred(provider, name, depends_on)])
        case Work(stage, limit, dies):
            work(stage, limit, dies=dies)
        case Settle():
            settle()


def work(stage: str, limit: int, *, dies: bool) -> None:
    """Take one step of a worker; a dying one gets as far as its last write and no further."""
    step: Callable[[], Any]
    if stage == "stitch":
        step, victim = (lambda: stitch_pending(limit=limit)), (stitching, "save_index")
    else:
        step = lambda: process_due(worker(), limit=limit)  # noqa: E731
        # What a location emitted is stored before the location is, and counts if the worker dies in between.
        victim = (storing, "mark_for_stitching") if stage == "process" else (processing, "store_all_that_can_be")
    if not dies:
        step()
        return
    with mock.patch.object(*victim, side_effect=Crash):
        try:
            step()
        except Crash:
            # Its claim runs out, as time would have it.
            RefreshState.objects.update(next_update_at=timezone.now())


@cache
def worker() -> Orchestrator:
    """Return one that lives through all of it, and remembers what its runs gave."""
    return build_orchestrator()


def settle() -> None:
    """Work until nothing is left to do."""
    while process_due(worker()):
        pass
    while stitch_pending():
        pass


def snapshot() -> tuple[Any, ...]:
    """Return everything that clients can see, and what it rests on, without ids."""
    finals = []
    for text in FinalEntity.objects.order_by("entity_ref").values_list("final_entity", flat=True):
        entity = orjson.loads(text)
        entity["metadata"].pop("uid")
        finals.append(entity)
    index = SearchEntry.objects.exclude(key="metadata.uid").order_by("entity__entity_ref", "key", "value")
    return (
        finals,
        list(index.values_list("entity__entity_ref", "key", "value", "original_value")),
        sorted(EntitySummary.objects.values_list("kind", "name", "title", "description")),
        sorted(EntityCount.objects.values_list("key", "kind", "original_value").annotate(n=Sum("count")).exclude(n=0)),
        sorted(Relation.objects.values_list("source_entity_ref", "type", "target_entity_ref")),
        sorted(RefreshEdge.objects.values_list("source_key", "source_entity_ref", "target_entity_ref"), key=str),
    )


def clear() -> None:
    """Empty the catalog."""
    delete_entities(refs=list(RefreshState.objects.values_list("entity_ref", flat=True)), cause="a new example")
    RefreshEdge.objects.all().delete()
    StitchRequest.objects.all().delete()


@pytest.mark.django_db(databases=["default", "catalog"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(events, min_size=2, max_size=10))
def test_any_order_any_crash_any_repetition_gives_the_same_catalog(happened: list[Event]) -> None:
    clear()
    truth: dict[str, Holding] = {provider: {} for provider in PROVIDERS}
    for event in happened:
        happen(event, truth)
    settle()
    reached = snapshot()

    clear()
    for provider, holding in truth.items():
        apply_full_mutation(provider=provider, entities=entities(provider, holding))
    settle()
    assert reached == snapshot()
    assert not StitchRequest.objects.exists()


def write(path: Path, holding: Holding) -> None:
    """Make this what a file holds, and let its location be looked at."""
    documents = [deferred("north", name, refs).entity for name, refs in holding.items()]
    path.write_text("\n---\n".join(orjson.dumps(document).decode() for document in documents))
    RefreshState.objects.filter(entity_ref__startswith="location:").update(next_update_at=timezone.now())


@pytest.fixture(params=["few", "many"])
def handed_out(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each file's entities treated as a few are, or half of them handed out, as with very many."""
    if request.param == "many":
        monkeypatch.setattr(settling, "FEW", 0)
        monkeypatch.setattr(settling, "_workers_share", lambda: True)


@pytest.mark.django_db(databases=["default", "catalog"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(changes, min_size=2, max_size=10))
def test_so_does_a_file_however_often_it_changes_under_workers_that_die(
    tmp_path: Path, handed_out: None, happened: list[Write | Work | Settle]
) -> None:
    path = tmp_path / "all.yaml"
    last: Holding = {}
    with override_config({"catalog": {"locations": [{"type": "file", "target": str(path)}]}}):
        clear()
        write(path, last)
        connect_providers()
        for event in happened:
            match event:
                case Write(holding):
                    last = holding
                    write(path, holding)
                case Work(stage, limit, dies):
                    work(stage, limit, dies=dies)
                case Settle():
                    settle()
        write(path, last)
        settle()
        delete_orphans()
        settle()
        reached = snapshot()

        clear()
        connect_providers()
        settle()
        assert reached == snapshot()
        assert not StitchRequest.objects.exists()


@pytest.mark.django_db(databases=["default", "catalog"])
@settings(max_examples=30, deadline=None)
@given(holdings)
def test_every_relation_is_seen_from_both_ends(holding: Holding) -> None:
    clear()
    apply_full_mutation(provider="north", entities=entities("north", holding))
    settle()
    relations = {
        (entity["metadata"]["name"], relation["type"], relation["targetRef"].rpartition("/")[2])
        for entity in map(orjson.loads, FinalEntity.objects.values_list("final_entity", flat=True))
        for relation in entity["relations"]
        if relation["type"] in {"dependsOn", "dependencyOf"}
    }
    there = {f"north-{name}" for name in holding}
    for source, kind, target in relations:
        opposite = "dependencyOf" if kind == "dependsOn" else "dependsOn"
        assert target not in there or (target, opposite, source) in relations
