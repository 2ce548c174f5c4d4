"""What the catalog keeps beside entities: removals that it doesn't believe, and everything that ever changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from apps.catalog.models import HeldRemoval, HistoryEntry, RefreshState
from apps.catalog.operations import (
    apply_delta_mutation,
    apply_full_mutation,
    confirm_removal,
    delete_entities,
    process_due,
    prune_history,
    refresh_entity,
)
from apps.catalog.processing import build_orchestrator
from portal.config import override_config
from portal.errors import NotFoundError
from tests.catalog.conftest import CatalogFolder, component, provided


class TestDeletionSafety:
    """A provider that suddenly loses much of what it had."""

    def fill(self, count: int) -> None:
        """Let the provider have so many entities."""
        apply_full_mutation(provider="test", entities=[provided(f"c-{number}") for number in range(count)])

    def count(self) -> int:
        """Return how many entities there are."""
        return RefreshState.objects.count()

    def test_a_large_removal_is_held_back_until_it_is_confirmed(self) -> None:
        self.fill(50)
        self.fill(39)
        assert self.count() == 50
        held = HeldRemoval.objects.get()
        assert (held.provider, held.count, held.total) == ("test", 11, 50)
        assert confirm_removal(provider="test") == 11
        assert self.count() == 39
        self.fill(39)
        assert not HeldRemoval.objects.exists()
        with pytest.raises(NotFoundError, match="test"):
            confirm_removal(provider="test")

    def test_it_is_announced_in_the_log_once(self, caplog: pytest.LogCaptureFixture) -> None:
        self.fill(50)
        for _ in range(3):
            self.fill(39)
        assert [record.getMessage().count("would remove too many") for record in caplog.records] == [1]

    def test_whoever_confirms_it_is_named(self, folder: CatalogFolder) -> None:
        self.fill(50)
        folder.settle()
        self.fill(0)
        confirm_removal(provider="test", actor="bob in the admin")
        cause = HistoryEntry.objects.filter(change="deleted").values_list("cause", flat=True).first() or ""
        assert cause.startswith("test no longer has it, asked for by bob in the admin")

    def test_what_is_new_or_changed_is_taken_in_meanwhile(self) -> None:
        self.fill(50)
        apply_full_mutation(provider="test", entities=[provided("new")])
        assert self.count() == 51

    def test_a_removal_that_is_taken_back_is_forgotten(self) -> None:
        self.fill(50)
        self.fill(20)
        self.fill(50)
        assert not HeldRemoval.objects.exists()

    @pytest.mark.parametrize(
        ("before", "after", "settings", "left"),
        [
            (50, 40, {}, 40),
            (50, 39, {}, 50),
            (12, 3, {}, 3),
            (12, 2, {}, 12),
            (50, 39, {"enabled": False}, 39),
            (50, 39, {"threshold": 0.3}, 39),
            (12, 3, {"minimum": 5}, 12),
        ],
    )
    def test_what_counts_as_large(self, before: int, after: int, settings: dict[str, Any], left: int) -> None:
        self.fill(before)
        with override_config({"catalog": {"deletionSafety": settings}}):
            self.fill(after)
        assert self.count() == left


class TestHistory:
    """Each change of a final entity is kept."""

    def changes(self, ref: str) -> list[tuple[str, str]]:
        """Return change and cause of an entity's entries, oldest first."""
        entries = HistoryEntry.objects.filter(entity_ref=ref).order_by("at", "id")
        return list(entries.values_list("change", "cause"))

    def test_a_life_is_told_from_beginning_to_end(self, folder: CatalogFolder) -> None:
        path = folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        first = folder.entity("component:default/web")
        folder.write("web.yaml", component("web", system="shop"))
        folder.refresh()
        folder.write("web.yaml", component("other"))
        folder.refresh()
        assert self.changes("component:default/web") == [
            ("created", f"read from file:{path}"),
            ("updated", f"read from file:{path}"),
            ("deleted", f"nothing leads to it any more; it came from file:{path}"),
        ]
        entries = HistoryEntry.objects.filter(entity_ref="component:default/web").order_by("at", "id")
        assert entries[0].before is None
        assert orjson.loads(entries[1].before or "") == first

    def test_a_change_by_a_relation_names_it(self, folder: CatalogFolder) -> None:
        folder.write("api.yaml", component("api"))
        folder.read("api.yaml")
        folder.write("web.yaml", component("web", dependsOn="['component:api']"))
        folder.read("api.yaml", "web.yaml")
        cause = "the relations of component:default/web changed"
        assert self.changes("component:default/api")[-1] == ("updated", cause)

    def test_what_its_own_file_says_counts_for_more_than_a_relation(self, folder: CatalogFolder) -> None:
        apply_delta_mutation(provider="first", added=[provided("web", dependsOn=["component:api"])])
        process_due(build_orchestrator())
        apply_delta_mutation(provider="second", added=[provided("api")])
        folder.settle()
        assert self.changes("component:default/api") == [
            ("created", "provided by second (url:http://provider.example)")
        ]

    def test_the_end_of_a_relation_names_the_entity_that_is_gone(self, folder: CatalogFolder) -> None:
        folder.write("api.yaml", component("api"))
        folder.write("web.yaml", component("web", dependsOn="['component:api']"))
        folder.read("api.yaml", "web.yaml")
        delete_entities(refs=["component:default/web"], cause="deleted by somebody")
        folder.settle()
        assert self.changes("component:default/api")[-1] == ("updated", "component:default/web was deleted")

    def test_a_mistake_is_named_as_such(self, folder: CatalogFolder) -> None:
        path = folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.write("web.yaml", component("web").replace("lifecycle: production", "lifecycle: 7"))
        folder.refresh()
        assert self.changes("component:default/web")[-1] == ("updated", f"a mistake in file:{path}")

    def test_providers_and_whoever_asks_are_named(self, folder: CatalogFolder) -> None:
        place = "url:http://provider.example"
        apply_delta_mutation(provider="directory", added=[provided("web")], actor="user:default/jane")
        folder.settle()
        apply_delta_mutation(provider="directory", added=[provided("web", type="library")])
        folder.settle()
        apply_delta_mutation(provider="directory", removed=["component:default/web"], actor="user:default/jane")
        assert self.changes("component:default/web") == [
            ("created", f"provided by directory ({place}), asked for by user:default/jane"),
            ("updated", f"provided by directory ({place})"),
            ("deleted", f"directory no longer has it, asked for by user:default/jane; it came from {place}"),
        ]

    def test_whoever_asks_for_a_refresh_is_named_with_what_it_brings(self, folder: CatalogFolder) -> None:
        path = folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.write("web.yaml", component("web", system="shop"))
        refresh_entity(ref="component:default/web", actor="user:default/jane")
        folder.settle()
        asked = ("updated", f"read from file:{path}, asked for by user:default/jane")
        assert self.changes("component:default/web")[-1] == asked
        folder.write("web.yaml", component("web"))
        folder.refresh()
        assert self.changes("component:default/web")[-1] == ("updated", f"read from file:{path}")

    def test_what_goes_with_its_location_says_so(self, folder: CatalogFolder) -> None:
        path = folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.read()
        cause = f"ConfigLocationProvider no longer has what led to it; it came from file:{path}"
        assert self.changes("component:default/web")[-1] == ("deleted", cause)

    def test_an_unchanged_entity_has_no_news(self, folder: CatalogFolder) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        folder.refresh()
        assert len(self.changes("component:default/web")) == 1

    def test_old_entries_go_when_their_time_is_up(self, folder: CatalogFolder) -> None:
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        assert prune_history() == 0
        HistoryEntry.objects.update(at=timezone.now() - timedelta(days=91))
        assert prune_history() > 0
        assert not HistoryEntry.objects.exists()
