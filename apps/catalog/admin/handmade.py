"""Entities that are written here instead of in a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.catalog import routes
from apps.catalog.admin.base import CheckedSelection, actor_of, error_list
from apps.catalog.models import AdminEntity, FinalEntity, RefreshState
from apps.catalog.operations import check_admin_entity, delete_admin_entities, save_admin_entity
from apps.catalog.operations.providers import is_enabled
from portal.entities import parse_ref
from portal.errors import PortalError
from portal.routes.urls import url_for

EXAMPLE = """\
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: example
  description: What it is
spec:
  type: service
  lifecycle: production
  owner: group:default/team-a
"""


class AdminEntityForm(forms.ModelForm):
    """One entity as text. What is wrong with it is told as the pipeline tells it."""

    text = forms.CharField(
        label="Entity",
        help_text="YAML or JSON, as it would stand in a catalog-info.yaml file. The catalog sets where it comes from.",
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 30, "class": "catalog-entity-text", "spellcheck": "false", "wrap": "off"},
        ),
    )
    #: The state that somebody began from, so that nobody overwrites what another has changed meanwhile.
    began_from = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = AdminEntity
        fields = ("text",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            self.initial.setdefault("text", EXAMPLE)
        else:
            self.initial["began_from"] = self.instance.updated_at.isoformat()

    def clean_text(self) -> str:
        """Refuse what the catalog would refuse, for the same reasons, and names that belong to others."""
        # Browsers send line breaks as on teletypes; a text block would keep them.
        text: str = self.cleaned_data["text"].replace("\r\n", "\n")
        try:
            check_admin_entity(text, row_id=self.instance.pk)
        except PortalError as error:
            raise forms.ValidationError(error.message.split("\n")) from error
        return text

    def clean(self) -> dict[str, Any]:
        """Refuse to overwrite what somebody else has changed meanwhile."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk is not None and cleaned.get("began_from") != self.instance.updated_at.isoformat():
            raise forms.ValidationError(
                f"{self.instance.edited_by} has changed this entity since you began. Open it in another window, and "
                "carry your change over."
            )
        return cleaned


@admin.register(AdminEntity)
class AdminEntityAdmin(CheckedSelection):
    """Entities written in the admin: saving one brings it into the catalog, deleting one takes it out."""

    form = AdminEntityForm
    list_display = ("entity_ref", "state", "edited_by", "updated_at")
    list_filter = ("updated_at",)
    search_fields = ("entity_ref", "text")
    fields = ("text", "began_from", "entity", "state", "errors", "edited_by", "updated_at")
    readonly_fields = ("entity", "state", "errors", "edited_by", "updated_at")

    class Media:
        css = {"all": ["catalog/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdminEntity]:
        """Add what became of each in the catalog."""
        rows: QuerySet[AdminEntity] = super().get_queryset(request)
        here = {"entity_ref": OuterRef("entity_ref")}
        return rows.annotate(
            served_since=Subquery(FinalEntity.objects.filter(**here).values("last_updated_at")[:1]),
            stored_errors=Subquery(RefreshState.objects.filter(**here).values("errors")[:1]),
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Ask for nothing but the text of a new one."""
        return self.fields if obj else ("text",)

    @admin.display(description="State")
    def state(self, obj: Any) -> str:
        """Say what became of it."""
        if obj.stored_errors:
            return "error, last good version kept" if obj.served_since else "error, not in the catalog"
        if obj.stored_errors is None:
            return "deleted from the catalog; it comes back when it is saved" if _is_enabled() else "switched off"
        return "in the catalog" if obj.served_since else "on its way"

    @admin.display(description="Errors")
    def errors(self, obj: Any) -> SafeString:
        """Show what went wrong at its last run, for instance since the rules have changed."""
        return error_list(obj.stored_errors or "")

    @admin.display(description="In the catalog")
    def entity(self, obj: AdminEntity) -> SafeString:
        """Lead to its page."""
        return _link(obj.entity_ref)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask Django's permissions, unless the provider is disabled."""
        return _is_enabled() and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask Django's permissions, unless the provider is disabled."""
        return _is_enabled() and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask Django's permissions, unless the provider is disabled."""
        return _is_enabled() and super().has_delete_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: AdminEntity, form: Any, change: bool) -> None:
        """Bring the entity into the catalog."""
        row = save_admin_entity(text=obj.text, actor=actor_of(request), row_id=obj.pk)
        obj.pk, obj.entity_ref, obj.updated_at = row.pk, row.entity_ref, row.updated_at
        self.message_user(request, format_html("In a moment, the catalog has {} like this.", _link(row.entity_ref)))

    def delete_model(self, request: HttpRequest, obj: AdminEntity) -> None:
        """Take the entity out of the catalog."""
        delete_admin_entities(row_ids=[obj.pk], actor=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[AdminEntity]) -> None:
        """Take several out."""
        count = delete_admin_entities(row_ids=queryset.values_list("pk", flat=True), actor=actor_of(request))
        self.message_user(request, f"{count} entities go with them.", messages.WARNING)


def _is_enabled() -> bool:
    return is_enabled("admin")


def _link(ref: str) -> SafeString:
    kind, namespace, name = parse_ref(ref)
    url = url_for(routes.catalog_entity, namespace=namespace, kind=kind, name=name)
    return format_html('<a href="{}">{}</a>', url, ref) if url else format_html("{}", ref)
