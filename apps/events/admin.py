"""The bus in the Django admin: what waits, and for whom."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.events.models import Event, SubscribedTopic, Subscription


class BusAdmin(admin.ModelAdmin):
    """Rows that only the bus writes."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False


@admin.register(Event)
class EventAdmin(BusAdmin):
    """Events of the last day, at most; they go by themselves."""

    list_display = ("position", "topic", "created_by", "created_at")
    list_filter = ("topic", "created_at")
    search_fields = ("topic", "payload")
    ordering = ("-position",)
    fields = ("position", "topic", "created_by", "created_at", "pretty_payload", "pretty_metadata", "had_by")
    readonly_fields = fields

    @admin.display(description="Payload")
    def pretty_payload(self, obj: Event) -> SafeString:
        """Show the payload, indented."""
        return _pretty(obj.payload)

    @admin.display(description="Metadata")
    def pretty_metadata(self, obj: Event) -> SafeString:
        """Show the metadata, indented."""
        return _pretty(obj.metadata)

    @admin.display(description="Had it without the bus")
    def had_by(self, obj: Event) -> str:
        """Show the subscriptions of the process that published it."""
        return ", ".join(obj.receipts.values_list("subscription_id", flat=True)) or "nobody"


class SubscribedTopicInline(admin.TabularInline):
    """What the subscription hears of."""

    model = SubscribedTopic
    can_delete = False
    extra = 0
    fields = ("topic",)
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is added by hand."""
        return False


@admin.register(Subscription)
class SubscriptionAdmin(BusAdmin):
    """Who reads the bus. One that is deleted comes back, without what it hasn't read, as soon as somebody reads it."""

    list_display = ("id", "waiting", "created_by", "read_at")
    search_fields = ("id",)
    ordering = ("id",)
    fields = ("id", "waiting", "position", "created_by", "created_at", "read_at")
    readonly_fields = fields
    inlines = (SubscribedTopicInline,)

    @admin.display(description="Events that wait")
    def waiting(self, obj: Subscription) -> int:
        """Count what hasn't been read."""
        return Event.objects.unread_by(obj).count()


def _pretty(text: str) -> SafeString:
    return format_html("<pre>{}</pre>", orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode())
