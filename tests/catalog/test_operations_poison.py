"""An entity that can't be stored is told so, and spoils nobody else's: they share batches with it, not its fate."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connections

from apps.catalog.models import StitchRequest
from portal.databases import alias_for
from portal.services.events import message
from tests.catalog.conftest import CatalogFolder, component

NEIGHBOURS = {f"component:default/{name}" for name in ("first", "second", "third")}
POISON = "component:default/poison"


@contextmanager
def refusing(table: str, condition: str) -> Iterator[None]:
    """Let the database refuse rows of a table, as it does what is too long for it or breaks a rule."""
    connection = connections[alias_for(StitchRequest)]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table that is looked at later can't be altered.
            connection.check_constraints()
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT refusal CHECK (NOT ({condition})) NOT VALID")
            yield
            connection.check_constraints()
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT refusal")
        else:
            for event in ("INSERT", "UPDATE"):
                cursor.execute(
                    f"CREATE TRIGGER refusal_{event} BEFORE {event} ON {table} "
                    f"WHEN NEW.{condition} BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
            yield
            for event in ("INSERT", "UPDATE"):
                cursor.execute(f"DROP TRIGGER refusal_{event}")


@pytest.fixture
def crowd(folder: CatalogFolder) -> CatalogFolder:
    """Four components in one file, and so in one batch; one of them will not be stored."""
    folder.write("all.yaml", "---".join(component(name) for name in ("first", "second", "poison", "third")))
    return folder


def test_what_is_no_json_in_the_end_spoils_nothing_else(crowd: CatalogFolder) -> None:
    crowd.write("deep.json", "[" * 300 + "]" * 300)
    crowd.write("poison.yaml", component("poison", api="{$json: ./deep.json}"))
    crowd.write("all.yaml", "---".join(component(name) for name in ("first", "second", "third")))
    crowd.read("poison.yaml", "all.yaml")

    assert crowd.refs() == NEIGHBOURS
    (error,) = crowd.errors(POISON)
    assert f"What came of {POISON} can't be stored" in error["message"]


def test_what_the_database_refuses_is_told_and_spoils_nothing_else(crowd: CatalogFolder) -> None:
    with refusing("catalog_relation", f"source_entity_ref = '{POISON}'"):
        crowd.read("all.yaml")
        assert crowd.refs() == NEIGHBOURS
        (error,) = crowd.errors(POISON)
        assert f"What came of {POISON} can't be stored" in error["message"]
        assert {relation["type"] for relation in crowd.entity("component:default/third")["relations"]} == {"ownedBy"}

    crowd.refresh()
    assert crowd.refs() == NEIGHBOURS | {POISON}
    assert crowd.errors(POISON) == []


def test_what_cant_be_stitched_doesnt_hold_up_the_queue(crowd: CatalogFolder) -> None:
    with refusing("catalog_finalentity", f"entity_ref = '{POISON}'"):
        crowd.read("all.yaml")
        assert crowd.refs() == NEIGHBOURS
    assert not StitchRequest.objects.exists()


def test_the_last_good_version_outlives_a_refusal(crowd: CatalogFolder) -> None:
    crowd.read("all.yaml")
    crowd.write("all.yaml", component("first") + "---" + component("poison", system="shop"))
    with refusing("catalog_relation", "target_entity_ref = 'system:default/shop'"):
        crowd.refresh()
        assert "system" not in crowd.entity(POISON)["spec"]
        assert crowd.errors(POISON)
        assert crowd.refs() == {"component:default/first", POISON}


def test_news_that_cant_be_sent_spoils_nothing(crowd: CatalogFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message, "MAX_BYTES", 100)
    crowd.write("other.yaml", component("first") + "---" + component("fourth"))
    crowd.write("wrong.yaml", component("wrong", size="1", Size="2"))
    crowd.read("all.yaml", "other.yaml", "wrong.yaml")
    assert crowd.refs() == NEIGHBOURS | {POISON, "component:default/fourth"}
    assert crowd.errors("component:default/wrong")


def test_fields_that_the_index_cant_tell_apart_are_an_error_of_the_entity(folder: CatalogFolder) -> None:
    folder.write("web.yaml", component("web", port="1", Port="2"))
    folder.read("web.yaml")
    assert folder.refs() == set()
    (error,) = folder.errors("component:default/web")
    assert 'differ only in case, "spec.port" and "spec.Port"' in error["message"]
    assert "web.yaml" in error["message"]
