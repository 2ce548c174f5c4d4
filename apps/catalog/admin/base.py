"""What the catalog's admin pages have in common."""

from __future__ import annotations

from typing import Any

import orjson
from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.catalog.models import EntityCount
from apps.catalog.queries.diffs import DiffLine
from apps.catalog.queries.refresh_states import problems_in
from portal.errors import InputError


class CheckedSelection(admin.ModelAdmin):
    """Lists whose actions refuse rows that can't be: Django would break down over what is no id."""

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        """Check the ids that were sent. Raises ``InputError``."""
        for text in request.POST.getlist(ACTION_CHECKBOX_NAME):
            try:
                self.opts.pk.to_python(text)
            except ValidationError as error:
                raise InputError(f"'{text}' is no row of this list. Open it anew, and select rows in it.") from error
        return super().response_action(request, queryset, *args, **kwargs)


class PipelineAdmin(CheckedSelection):
    """Rows that only the pipeline writes.

    Its actions take a permission of Django's on the table: ``refresh`` to change it, ``remove`` to delete from it.
    """

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

    def has_refresh_permission(self, request: HttpRequest) -> bool:
        """Say whether somebody may have things looked at again."""
        return admin.ModelAdmin.has_change_permission(self, request)

    def has_remove_permission(self, request: HttpRequest) -> bool:
        """Say whether somebody may remove entities."""
        return admin.ModelAdmin.has_delete_permission(self, request)


class KindFilter(admin.SimpleListFilter):
    """Entities of one kind; a ref begins with its kind."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        """Offer the kinds of the index."""
        kinds = EntityCount.objects.filter(key="kind").order_by("value", "original_value")
        return list(kinds.values_list("value", "original_value").distinct())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Compare the beginning of the ref."""
        return queryset.filter(entity_ref__startswith=f"{self.value()}:") if self.value() else queryset


def actor_of(request: HttpRequest) -> str:
    """Return who is at work, for the history: accounts of the admin aren't users of the catalog."""
    return f"{request.user.get_username()} in the admin"


def pretty_json(text: str | None) -> SafeString:
    """Show a stored JSON text, indented."""
    if not text:
        return SafeString("–")
    return format_html("<pre>{}</pre>", orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode())


def error_list(stored: str) -> SafeString:
    """Show every error of a run in full."""
    if not stored:
        return SafeString("–")
    told = ((problem.name, problem.message) for problem in problems_in(stored))
    return format_html_join("\n", "<p><strong>{}</strong>: {}</p>", told)


def ref_list(refs: list[str], *, at_most: int) -> SafeString:
    """Show refs one below the other, and how many more there are."""
    listed = format_html_join("\n", "<li>{}</li>", ((ref,) for ref in refs[:at_most]))
    more = f"and {len(refs) - at_most} more" if len(refs) > at_most else ""
    return format_html("<ul>{}</ul>{}", listed, more)


def diff_lines(lines: list[DiffLine]) -> SafeString:
    """Show a diff."""
    return format_html("<pre>{}</pre>", "\n".join(map(str, lines))) if lines else SafeString("–")
