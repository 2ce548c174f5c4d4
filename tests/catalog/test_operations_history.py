"""What the catalog keeps beside entities: removals that it doesn't believe, and everything that ever changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
from django.utils import timezone

from apps.catalog.models import HeldRemoval, HistoryEntry, RefreshState
from apps.catalog.operations import apply_full_mutation, confirm_removal, prune_history
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
        folder.write("web.yaml", component("web"))
        folder.read("web.yaml")
        first = folder.entity("component:default/web")
        folder.write("web.yaml", component("web", system="shop"))
        folder.refresh()
        folder.write("web.yaml", component("other"))
        folder.refresh()
        assert self.changes("component:default/web") == [
            ("created", "it was processed"),
            ("updated", "it was processed"),
            ("deleted", "nothing led to it any more"),
        ]
        entries = HistoryEntry.objects.filter(entity_ref="component:default/web").order_by("at", "id")
        assert entries[0].before is None
        assert orjson.loads(entries[1].before or "") == first

    def test_a_change_by_a_relation_names_it(self, folder: CatalogFolder) -> None:
        folder.write("api.yaml", component("api"))
        folder.read("api.yaml")
        folder.write("web.yaml", component("web", dependsOn="['component:api']"))
        folder.read("api.yaml", "web.yaml")
        assert self.changes("component:default/api")[-1] == ("updated", "a relation to it changed")

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
