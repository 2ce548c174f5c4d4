"""What the catalog can't decide by itself: names that two sources claim, and removals too large to be believed."""

from __future__ import annotations

import orjson
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.catalog.admin.base import KindFilter, PipelineAdmin, actor_of, pretty_json, ref_list
from apps.catalog.models import Conflict, HeldRemoval
from apps.catalog.operations import confirm_removal, refresh_entity
from portal.errors import NotFoundError

MAX_LISTED = 1000


@admin.register(Conflict)
class ConflictAdmin(PipelineAdmin):
    """Entities that were left out since their name belongs to another source."""

    list_display = ("entity_ref", "owner", "loser", "source", "first_seen_at", "last_seen_at")
    list_filter = (KindFilter, "first_seen_at")
    search_fields = ("entity_ref", "owner_key", "location_key", "source")
    ordering = ("entity_ref", "source")
    fields = ("entity_ref", "owner", "loser", "source", "first_seen_at", "last_seen_at", "left_out")
    readonly_fields = fields
    actions = ("refresh",)

    @admin.display(description="Has the name", ordering="owner_key")
    def owner(self, obj: Conflict) -> str:
        """Say whose the name is."""
        return obj.owner_key or "whoever had it first"

    @admin.display(description="Is left out", ordering="location_key")
    def loser(self, obj: Conflict) -> str:
        """Say who wanted it."""
        return obj.location_key or obj.source

    @admin.display(description="The entity that is left out")
    def left_out(self, obj: Conflict) -> SafeString:
        """Show it as it was found."""
        return pretty_json(obj.entity)

    @admin.action(description="Refresh: look again whether the name is free", permissions=["refresh"])
    def refresh(self, request: HttpRequest, queryset: QuerySet[Conflict]) -> None:
        """Have owners, and through them their files, read again."""
        refs = set(queryset.values_list("entity_ref", flat=True))
        for ref in refs:
            try:
                refresh_entity(ref=ref, actor=actor_of(request))
            except NotFoundError as error:  # the owner gave it up since the list was shown
                self.message_user(request, error.message, messages.WARNING)
        self.message_user(request, f"The owners of {len(refs)} names will be looked at in a moment.")


@admin.register(HeldRemoval)
class HeldRemovalAdmin(PipelineAdmin):
    """Removals that wait for somebody to confirm them; one that its provider takes back goes by itself."""

    list_display = ("provider", "share", "held_at")
    ordering = ("held_at",)
    fields = ("provider", "share", "held_at", "entities")
    readonly_fields = fields
    actions = ("confirm",)

    @admin.display(description="Would remove", ordering="count")
    def share(self, obj: HeldRemoval) -> str:
        """Say how many entities that is."""
        return f"{obj.count} of {obj.total} entities"

    @admin.display(description="Entities that would go")
    def entities(self, obj: HeldRemoval) -> SafeString:
        """List them."""
        return ref_list(orjson.loads(obj.refs), at_most=MAX_LISTED)

    @admin.action(description="Confirm: remove them", permissions=["remove"])
    def confirm(self, request: HttpRequest, queryset: QuerySet[HeldRemoval]) -> None:
        """Remove what was held back."""
        for provider in list(queryset.values_list("provider", flat=True)):
            try:
                count = confirm_removal(provider=provider, actor=actor_of(request))
            except NotFoundError as error:  # taken back since the list was shown
                self.message_user(request, error.message, messages.WARNING)
            else:
                self.message_user(request, f"{count} entities of {provider} were removed.", messages.WARNING)
