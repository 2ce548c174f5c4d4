"""Links to entities, and the icons that stand for where links lead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from apps.catalog import routes
from apps.catalog.queries.briefs import EntityBrief
from portal.entities import EntityRef, parse_ref
from portal.extensions.icons import kind_icon
from portal.extensions.presentation import title_of
from portal.routes.urls import url_for

#: Keys that ``metadata.links[].icon`` may have: those of Backstage, and what people write beside them.
LINK_ICONS = {
    "admin": "wrench",
    "alert": "siren",
    "brokenimage": "circle-alert",
    "catalog": "library",
    "chat": "message-circle",
    "code": "code",
    "dashboard": "layout-dashboard",
    "docs": "book-open",
    "email": "mail",
    "github": "git-branch",
    "gitlab": "git-branch",
    "group": "users",
    "help": "circle-question-mark",
    "runbook": "book-open",
    "scaffolder": "layout-template",
    "search": "search",
    "techdocs": "file-text",
    "user": "user",
    "warning": "triangle-alert",
    "web": "globe",
}
OTHER_LINK_ICON = "external-link"


def link_icon(key: object) -> str:
    """Return the icon for an icon key; an unknown key, or none, gives that of a link that leads away."""
    return LINK_ICONS.get(str(key).lower(), OTHER_LINK_ICON) if key else OTHER_LINK_ICON


#: What entities are called that exist, by canonical ref; a brief says more about one.
Known = Mapping[str, str | EntityBrief]


class EntityLink(NamedTuple):
    """A link to an entity: ``title`` is what people call it; ``missing`` says that there is no such entity.

    ``type``, ``owner`` and ``description`` are there if a brief is; ``owner`` is what people call it.
    """

    ref: str
    title: str
    kind: str
    path: tuple[str, str, str]
    missing: bool = False
    type: str = ""
    owner: str = ""
    description: str = ""

    @property
    def icon(self) -> str:
        """The icon of its kind."""
        return kind_icon(self.kind)

    @property
    def subtitle(self) -> str:
        """What tells it apart from others of the same title, as in Backstage: ``<ref> | <type> | <description>``."""
        return " | ".join(filter(None, (self.ref, self.type, self.description)))

    @property
    def url(self) -> str:
        """The address of its page; empty if that page is disabled."""
        namespace, kind, name = self.path
        return url_for(routes.catalog_entity, namespace=namespace, kind=kind, name=name) or ""


def entity_link(ref: str | EntityRef, known: Known | None = None) -> EntityLink:
    """Return the link to a ref. ``known`` has the entities that exist; without it, all do."""
    parts = _parsed(ref) if isinstance(ref, str) else ref
    canonical = str(parts)
    found = None if known is None else known.get(canonical)
    brief = found if isinstance(found, EntityBrief) else EntityBrief(found or "")
    return EntityLink(
        ref=canonical,
        title=_title_of(parts, found),
        kind=parts.kind.lower(),
        path=(parts.namespace.lower(), parts.kind.lower(), parts.name),
        missing=known is not None and found is None,
        type=brief.type,
        owner=_title_of(_parsed(brief.owner), (known or {}).get(brief.owner)) if brief.owner else "",
        description=brief.description,
    )


def entity_links(refs: Iterable[str], known: Known | None = None) -> list[EntityLink]:
    """Return the links to refs, in their order."""
    return [entity_link(ref, known) for ref in refs]


def _title_of(ref: EntityRef, found: EntityBrief | str | None) -> str:
    """Return what an entity is called, given what is known of it; a text is its title already."""
    if isinstance(found, EntityBrief):
        return title_of({"kind": ref.kind, "metadata": {**ref._asdict(), "title": found.title}})
    return found or title_of(ref)


def why_url(**question: str) -> str | None:
    """Return the address of the page that explains an entity (``ref``) or a file (``url``); None if it is disabled."""
    url = url_for(routes.why)
    return f"{url}?{urlencode(question, safe=':/')}" if url and question else url


# Owners and systems repeat on every row of a list.
@lru_cache(maxsize=1024)
def _parsed(ref: str) -> EntityRef:
    return parse_ref(ref)
