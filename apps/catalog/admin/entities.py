"""Entities as they are served, and what became of them."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.catalog.admin.base import KindFilter, PipelineAdmin, actor_of, diff_lines, pretty_json
from apps.catalog.models import FinalEntity, HistoryEntry
from apps.catalog.operations import delete_entity_by_uid, refresh_entity
from apps.catalog.queries.diffs import entity_diff
from apps.catalog.queries.history import version_after
from portal.errors import NotFoundError


@admin.register(FinalEntity)
class FinalEntityAdmin(PipelineAdmin):
    """Entities as they are served."""

    list_display = ("entity_ref", "last_updated_at", "hash")
    list_filter = (KindFilter, "last_updated_at")
    search_fields = ("entity_ref", "final_entity")
    ordering = ("entity_ref",)
    fields = ("entity_ref", "entity_id", "last_updated_at", "hash", "entity")
    readonly_fields = fields
    actions = ("refresh", "delete_from_catalog")

    @admin.display(description="Entity")
    def entity(self, obj: FinalEntity) -> SafeString:
        """Show the JSON that the API serves."""
        return pretty_json(obj.final_entity)

    @admin.action(description="Refresh: read their files again", permissions=["refresh"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[FinalEntity]) -> None:
        """Make the entities and their locations due."""
        refreshed = 0
        for ref in queryset.values_list("entity_ref", flat=True):
            try:
                refresh_entity(ref=ref, actor=actor_of(request))
                refreshed += 1
            except NotFoundError as error:  # deleted since the list was shown
                self.message_user(request, error.message, messages.WARNING)
        self.message_user(request, f"{refreshed} entities will be refreshed in a moment.")

    @admin.action(description="Delete from the catalog (they return if a file still has them)", permissions=["remove"])
    def delete_from_catalog(self, request: HttpRequest, queryset: QuerySet[FinalEntity]) -> None:
        """Delete the entities with everything that hangs on them."""
        chosen = list(queryset.values_list("entity_id", flat=True))
        for entity_id in chosen:
            delete_entity_by_uid(uid=entity_id, actor=actor_of(request))
        self.message_user(request, f"{len(chosen)} entities were deleted.", messages.WARNING)


@admin.register(HistoryEntry)
class HistoryEntryAdmin(PipelineAdmin):
    """Each change of an entity, for as long as it is kept."""

    list_display = ("at", "entity_ref", "change", "cause")
    list_filter = ("change", "at", KindFilter)
    search_fields = ("^entity_ref", "cause")
    search_help_text = "The beginning of a ref, or a part of a cause."
    # What an entity was may be long, and isn't in the list.
    fields = ("entity_ref", "entity_id", "at", "change", "cause", "diff", "version")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[HistoryEntry]:
        """Leave what the entities were to those who look at one change."""
        entries: QuerySet[HistoryEntry] = super().get_queryset(request)
        return entries.defer("before")

    @admin.display(description="What changed")
    def diff(self, obj: HistoryEntry) -> SafeString:
        """Show the difference to what it was before."""
        return diff_lines(entity_diff(obj.before, version_after(obj)))

    @admin.display(description="Before")
    def version(self, obj: HistoryEntry) -> SafeString:
        """Show what it was until then."""
        return pretty_json(obj.before)
