"""The catalog in the Django admin: what is in it, what waits, and what went wrong.

Rows are what the pipeline wrote, so they are read here and not edited; the actions ask the pipeline for things instead.
"""

from __future__ import annotations

from typing import Any

import orjson
from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.catalog.conf import conf
from apps.catalog.extension_points import CatalogLocations
from apps.catalog.models import (
    FinalEntity,
    Location,
    RefreshEdge,
    RefreshKey,
    RefreshState,
    Relation,
    SearchEntry,
    StitchRequest,
)
from apps.catalog.operations import delete_entities, delete_location, refresh_entity, register_location
from portal.entities import parse_location_ref
from portal.errors import InputError, NotFoundError
from portal.plugins import extension_point


class PipelineAdmin(admin.ModelAdmin):
    """Rows that only the pipeline writes."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows hang together; ``delete_from_catalog`` removes all of an entity at once."""
        return False


def pretty_json(text: str | None) -> SafeString:
    """Show a stored JSON text, indented."""
    if not text:
        return SafeString("–")
    return format_html("<pre>{}</pre>", orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode())


class KindFilter(admin.SimpleListFilter):
    """Entities of one kind; a ref begins with its kind."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer the kinds of the index."""
        kinds = SearchEntry.objects.filter(key="kind").order_by("value").values_list("value", "original_value")
        return [(value or "", original or "") for value, original in kinds.distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Compare the beginning of the ref."""
        return queryset.filter(entity_ref__startswith=f"{self.value()}:") if self.value() else queryset


class StateFilter(admin.SimpleListFilter):
    """Refresh states by how their last run went."""

    title = "state"
    parameter_name = "state"

    CONDITIONS = {
        "error": ("with errors", ~Q(errors="")),
        "ok": ("without errors", Q(errors="", processed_entity__isnull=False)),
        "never": ("never processed", Q(processed_entity__isnull=True)),
    }

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer the three outcomes."""
        return [(name, label) for name, (label, _) in self.CONDITIONS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Apply the chosen one."""
        chosen = self.CONDITIONS.get(self.value() or "")
        return queryset.filter(chosen[1]) if chosen else queryset


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

    @admin.action(description="Refresh: read their files again")
    def refresh(self, request: HttpRequest, queryset: QuerySet[FinalEntity]) -> None:
        """Make the entities and their locations due."""
        refs = list(queryset.values_list("entity_ref", flat=True))
        for ref in refs:
            refresh_entity(ref=ref)
        self.message_user(request, f"{len(refs)} entities will be refreshed in a moment.")

    @admin.action(description="Delete from the catalog (they return if a file still has them)")
    def delete_from_catalog(self, request: HttpRequest, queryset: QuerySet[FinalEntity]) -> None:
        """Delete the entities with everything that hangs on them."""
        count = delete_entities(
            refs=list(queryset.values_list("entity_ref", flat=True)), cause=f"deleted in the admin by {request.user}"
        )
        self.message_user(request, f"{count} entities were deleted.", messages.WARNING)


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
    """Entities in the pipeline, those included that never made it."""

    list_display = ("entity_ref", "state", "first_error", "next_update_at", "last_discovery_at", "location_key")
    list_filter = (StateFilter, KindFilter, "next_update_at")
    search_fields = ("entity_ref", "location_key", "errors")
    ordering = ("next_update_at",)
    fields = (
        "entity_ref",
        "entity_id",
        "state",
        "error_list",
        "location_key",
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
        errors = orjson.loads(obj.errors) if obj.errors else []
        return format_html_join("\n", "<p><strong>{}</strong>: {}</p>", ((e["name"], e["message"]) for e in errors))

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

    @admin.action(description="Refresh: process them now")
    def refresh(self, request: HttpRequest, queryset: QuerySet[RefreshState]) -> None:
        """Make them due."""
        count = queryset.update(next_update_at=timezone.now())
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

    list_display = ("entity_ref", "next_stitch_at")
    search_fields = ("entity_ref",)
    fields = ("entity_ref", "next_stitch_at", "ticket")
    readonly_fields = fields


class LocationForm(forms.ModelForm):
    """What it takes to register a location."""

    type = forms.ChoiceField(help_text="What kind of place it is.")
    target = forms.CharField(
        help_text="Where it is, such as https://github.com/acme/shop/blob/main/catalog-info.yaml.",
        widget=AdminTextInputWidget,
    )

    class Meta:
        model = Location
        fields = ("type", "target")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        types = extension_point(CatalogLocations).allowed_types
        field = self.fields["type"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(name, name) for name in types]

    def clean_target(self) -> str:
        """Refuse what isn't safe to show as a link."""
        target: str = self.cleaned_data["target"].strip()
        try:
            parse_location_ref(f"{self.cleaned_data.get('type', 'url')}:{target}")
        except InputError as error:
            raise forms.ValidationError(str(error)) from error
        return target

    def clean(self) -> dict[str, Any]:
        """Refuse what is registered already."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        known = Location.objects.filter(type=cleaned.get("type"), target=cleaned.get("target"))
        if known.exists():
            raise forms.ValidationError("This location is registered already. To read it again, refresh it.")
        return cleaned


@admin.register(Location)
class LocationAdmin(PipelineAdmin):
    """Locations that people registered. Adding one registers it, deleting one takes along what only it led to."""

    list_display = ("type", "target", "location_entity_ref")
    list_filter = ("type",)
    search_fields = ("target", "location_entity_ref")
    fields = ("id", "type", "target", "location_entity_ref")
    readonly_fields = fields
    actions = ("refresh",)
    form = LocationForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for type and target; the rest follows from them."""
        return self.fields if obj else ("type", "target")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Let a new location be typed in."""
        return self.readonly_fields if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask Django's permissions, unless the catalog is read-only."""
        return not conf.readonly and admin.ModelAdmin.has_add_permission(self, request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask Django's permissions, unless the catalog is read-only."""
        return not conf.readonly and admin.ModelAdmin.has_delete_permission(self, request, obj)

    def save_model(self, request: HttpRequest, obj: Location, form: Any, change: bool) -> None:
        """Register the location."""
        row = register_location(type=obj.type, target=obj.target, actor=request.user.get_username())
        obj.pk, obj.location_entity_ref = row.pk, row.location_entity_ref

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        """Remove the location with its entities."""
        delete_location(id=str(obj.pk), actor=request.user.get_username())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Location]) -> None:
        """Remove several."""
        for location in queryset:
            self.delete_model(request, location)

    @admin.action(description="Refresh: read them again")
    def refresh(self, request: HttpRequest, queryset: QuerySet[Location]) -> None:
        """Make the locations' entities due, and bring back any that was deleted."""
        actor = request.user.get_username()
        for location in queryset:
            try:
                refresh_entity(ref=location.location_entity_ref, actor=actor)
            except NotFoundError:
                register_location(type=location.type, target=location.target, on_conflict="refresh", actor=actor)
        self.message_user(request, f"{len(queryset)} locations will be read in a moment.")
