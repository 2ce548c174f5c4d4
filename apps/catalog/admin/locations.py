"""Registered locations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.catalog.admin.base import PipelineAdmin, actor_of
from apps.catalog.conf import conf
from apps.catalog.extension_points import CatalogLocations
from apps.catalog.models import Location
from apps.catalog.operations import delete_location, refresh_entity, register_location
from portal.entities import parse_location_ref
from portal.errors import InputError, NotFoundError
from portal.plugins import extension_point


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
        field = self.fields.get("type")
        # A location that is there is only looked at, in a form without fields.
        if isinstance(field, forms.ChoiceField):
            field.choices = [(name, name) for name in extension_point(CatalogLocations).allowed_types]

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
        row = register_location(type=obj.type, target=obj.target, actor=actor_of(request))
        obj.pk, obj.location_entity_ref = row.pk, row.location_entity_ref

    def delete_model(self, request: HttpRequest, obj: Location) -> None:
        """Remove the location with its entities."""
        delete_location(id=str(obj.pk), actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Location]) -> None:
        """Remove several."""
        for location in queryset:
            self.delete_model(request, location)

    @admin.action(description="Refresh: read them again", permissions=["refresh"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Location]) -> None:
        """Make the locations' entities due, and bring back any that was deleted."""
        actor = actor_of(request)
        for location in queryset:
            try:
                refresh_entity(ref=location.location_entity_ref, actor=actor)
            except NotFoundError:
                register_location(type=location.type, target=location.target, on_conflict="refresh", actor=actor)
        self.message_user(request, f"{len(queryset)} locations will be read in a moment.")
