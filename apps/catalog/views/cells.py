"""How cells of tables, and links in them, are drawn. There are hundreds on a page: templates take ten times as long."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from apps.catalog.views.links import EntityLink
from portal.extensions.icons import render_icon
from portal.templatetags.portal import chips

#: So many targets of a location are shown.
MOST_TARGETS = 3


def entity_ref(link: EntityLink, *, icon: bool = False) -> SafeString:
    """Return a link to an entity, with what is told beside it; ``icon`` puts that of its kind before the title."""
    hint = f"{link.subtitle} – {_('not in the catalog')}" if link.missing else link.subtitle
    facts = [("peek", link.ref), ("peek-kind", link.kind)]
    told = [("peek-type", link.type), ("peek-owner", link.owner), ("peek-note", link.description)]
    data = "".join(f' data-{name}="{escape(value)}"' for name, value in (*facts, *filter(_is_told, told)))
    return SafeString(
        f'<a class="entity-ref{" is-missing" if link.missing else ""}" href="{escape(link.url)}"'
        f' title="{escape(hint)}"{data}>'
        f"{render_icon(link.icon, size=14) if icon else ''}<span>{escape(link.title)}</span></a>"
    )


def entity_refs(links: Iterable[EntityLink], *, icon: bool = False) -> SafeString:
    """Return links to entities in one row."""
    return SafeString(f'<span class="refs">{"".join(entity_ref(link, icon=icon) for link in links)}</span>')


def text_cell(value: str) -> SafeString:
    """Return a short text; where it is cut off, its title says the rest."""
    shown = escape(value)
    return SafeString(f'<div class="truncate" title="{shown}">{shown}</div>')


def note_cell(value: str) -> SafeString:
    """Return a text of several lines."""
    shown = escape(value)
    return SafeString(f'<p class="cell-text" title="{shown}">{shown}</p>')


def status_cell(value: str) -> SafeString:
    """Return a lifecycle with its colour."""
    shown = escape(value)
    return SafeString(f'<span class="status" data-status="{escape(value.lower())}" title="{shown}">{shown}</span>')


def tags_cell(value: Sequence[str]) -> SafeString:
    """Return tags as chips."""
    return chips(value)


def targets_cell(value: Sequence[str]) -> SafeString:
    """Return the first targets of a location, and how many more there are."""
    shown = "".join(f'<div class="mono">{escape(target)}</div>' for target in value[:MOST_TARGETS])
    if len(value) > MOST_TARGETS:
        shown += f"<div>{escape(_('and %(number)s more') % {'number': len(value) - MOST_TARGETS})}</div>"
    return SafeString(shown)


def _is_told(fact: tuple[str, str]) -> bool:
    return bool(fact[1])
