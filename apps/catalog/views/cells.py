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
_STAR = (
    '<svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    ' stroke-linejoin="round" aria-hidden="true"><path d="m12 3 2.8 5.7 6.2.9-4.5 4.4 1.1 6.2L12 17.3l-5.6 2.9 1.1-6.2'
    'L3 9.6l6.2-.9z"/></svg>'
)


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


def name_cell(link: EntityLink, *, namespace: str = "", description: str = "") -> SafeString:
    """Return the head of a row: a link to the entity, its namespace if that is to be said, and what it is."""
    hint = escape(_("Namespace"))
    badge = f' <span class="badge" title="{hint}">{escape(namespace)}</span>' if namespace else ""
    shown = escape(description)
    note = f'<p class="entity-note" title="{shown}">{shown}</p>' if shown else ""
    return SafeString(
        f'<th role="rowheader" scope="row"><div class="entity"><span class="tile" data-kind="{escape(link.kind)}">'
        f'{render_icon(link.icon, size=18)}</span><div><a class="entity-title" href="{escape(link.url)}"'
        f' title="{escape(link.ref)}">{escape(link.title)}</a>{badge}{note}</div></div></th>'
    )


def file_action(url: str, icon: str, title: str, told: str) -> SafeString:
    """Return a button that leads to an entity's file; ``told`` says it to those who don't see the icon."""
    return SafeString(
        f'<a class="button button-quiet button-small button-icon" href="{escape(url)}" title="{escape(title)}">'
        f'{render_icon(icon, size=16)}<span class="visually-hidden">{escape(told)}</span></a>'
    )


def star_button(ref: str, url: str, *, starred: bool, id: str) -> SafeString:
    """Return the button that stars an entity, or takes the star away. It sends the form of ``_star_form.html``."""
    title, told = _("Unstar") if starred else _("Star"), _("Star %(ref)s") % {"ref": ref}
    return SafeString(
        '<button type="submit" form="star-form" class="button button-quiet button-small button-icon star"'
        f' id="{escape(id)}" name="{"unstar" if starred else "star"}" value="{escape(ref)}"'
        f' aria-pressed="{"true" if starred else "false"}" title="{escape(title)}"'
        f' hx-post="{escape(url)}" hx-swap="outerHTML">{_STAR}'
        f'<span class="visually-hidden">{escape(told)}</span></button>'
    )


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
