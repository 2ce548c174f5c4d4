"""What goes through the pipeline: what waits, what went wrong, who brought it, and what it says about others."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.catalog.admin.base import KindFilter, PipelineAdmin, actor_of, error_list, pretty_json
from apps.catalog.models import Priority, RefreshEdge, RefreshKey, RefreshState, Relation, StitchRequest


class StateFilter(admin.SimpleListFilter):
    """Refresh states by how their last run went, and whether the next is due."""

    title = "state"
    parameter_name = "state"

    LABELS = {
        "error": "with errors",
        "ok": "without errors",
        "never": "never processed",
        "due": "due now",
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer them."""
        return list(self.LABELS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Apply the chosen one."""
        match self.value():
            case "error":
                return queryset & RefreshState.objects.failing()
            case "ok":
                return queryset.filter(errors="", processed_entity__isnull=False)
            case "never":
                return queryset.filter(processed_entity__isnull=True)
            case "due":
                return queryset.filter(next_update_at__lte=timezone.now())
        return queryset


class RefreshKeyInline(admin.TabularInline):
    """What makes the entity due when it changes."""

    model = RefreshKey
    can_delete = False
    extra = 0
    fields = ("key",)
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is added by hand."""
        return False


@admin.register(RefreshState)
class RefreshStateAdmin(PipelineAdmin):
    """Entities in the pipeline, those included that never made it, in the order in which they come."""

    list_display = (
        "entity_ref",
        "state",
        "first_error",
        "priority",
        "next_update_at",
        "last_discovery_at",
        "location_key",
    )
    list_filter = (StateFilter, KindFilter, "priority", "next_update_at")
    search_fields = ("entity_ref", "location_key", "errors")
    ordering = ("-priority", "next_update_at")
    fields = (
        "entity_ref",
        "entity_id",
        "state",
        "error_list",
        "location_key",
        "priority",
        "actor",
        "next_update_at",
        "last_discovery_at",
        "brought_by",
        "unprocessed",
        "processed",
        "result_hash",
        "cache",
    )
    readonly_fields = fields
    inlines = (RefreshKeyInline,)
    actions = ("refresh",)

    @admin.display(description="State")
    def state(self, obj: RefreshState) -> str:
        """Say how the last run went."""
        if obj.errors:
            return "error, last good version kept" if obj.processed_entity else "error, never processed"
        return "ok" if obj.processed_entity else "waits to be processed"

    @admin.display(description="Error")
    def first_error(self, obj: RefreshState) -> str:
        """Show the beginning of the first error."""
        errors = orjson.loads(obj.errors) if obj.errors else []
        return str(errors[0]["message"])[:200] if errors else ""

    @admin.display(description="Errors")
    def error_list(self, obj: RefreshState) -> SafeString:
        """Show every error in full."""
        return error_list(obj.errors)

    @admin.display(description="Brought by")
    def brought_by(self, obj: RefreshState) -> str:
        """Show the providers and entities that lead here."""
        edges = RefreshEdge.objects.filter(target_entity_ref=obj.entity_ref)
        return ", ".join(edge.source_key or edge.source_entity_ref or "" for edge in edges) or "nothing: an orphan"

    @admin.display(description="As found")
    def unprocessed(self, obj: RefreshState) -> SafeString:
        """Show what the source says."""
        return pretty_json(obj.unprocessed_entity)

    @admin.display(description="As processed")
    def processed(self, obj: RefreshState) -> SafeString:
        """Show the last good version."""
        return pretty_json(obj.processed_entity)

    @admin.action(description="Refresh: process them now", permissions=["refresh"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[RefreshState]) -> None:
        """Make them due, before everything that time has brought."""
        count = queryset.update(next_update_at=timezone.now(), priority=Priority.INTERACTIVE, actor=actor_of(request))
        self.message_user(request, f"{count} entities will be processed in a moment.")


@admin.register(Relation)
class RelationAdmin(PipelineAdmin):
    """Relations, in the direction in which they are served."""

    list_display = ("source_entity_ref", "type", "target_entity_ref", "originating_entity")
    list_filter = ("type",)
    list_select_related = ("originating_entity",)
    search_fields = ("source_entity_ref", "target_entity_ref")
    fields = ("source_entity_ref", "type", "target_entity_ref", "originating_entity")
    readonly_fields = fields


@admin.register(RefreshEdge)
class RefreshEdgeAdmin(PipelineAdmin):
    """Who brought which entity in."""

    list_display = ("target_entity_ref", "source_key", "source_entity_ref")
    list_filter = ("source_key",)
    search_fields = ("target_entity_ref", "source_entity_ref")
    fields = ("target_entity_ref", "source_key", "source_entity_ref")
    readonly_fields = fields


@admin.register(StitchRequest)
class StitchRequestAdmin(PipelineAdmin):
    """Entities whose final form is being brought up to date."""

    list_display = ("entity_ref", "priority", "next_stitch_at", "cause")
    list_filter = ("priority",)
    search_fields = ("entity_ref",)
    ordering = ("-priority", "next_stitch_at")
    fields = ("entity_ref", "priority", "next_stitch_at", "cause", "ticket")
    readonly_fields = fields
