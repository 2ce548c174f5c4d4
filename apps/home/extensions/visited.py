"""Widgets of what the person has visited; hidden where visits aren't remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.home.extension_points import PageVisit, visits_api
from apps.home.extensions.widgets import LIMIT
from apps.home.queries import named_entities
from portal.credentials import credentials_of
from portal.extensions import HomeWidget, PageContext, get_api
from portal.extensions.icons import kind_icon


@dataclass(frozen=True, slots=True)
class VisitedPage:
    """A visited page as it is called now."""

    visit: PageVisit
    title: str
    note: str

    @property
    def kind(self) -> str:
        """The kind of the entity; empty for other pages."""
        return self.visit.entity_ref.partition(":")[0]

    @property
    def ago(self) -> str:
        """How long ago it was visited, in words."""
        if timezone.now() - self.visit.last_at < timedelta(minutes=1):
            return _("just now")
        return _("%(time)s ago") % {"time": timesince(self.visit.last_at, depth=1)}

    @property
    def icon(self) -> str:
        """The icon of the kind, or of a page."""
        return kind_icon(self.kind) if self.kind else "file"


class _VisitedWidget(HomeWidget):
    """What both widgets have in common."""

    abstract = True
    width = 6
    template_name = "home/widgets/visited.html"
    config_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}
    settings_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {"limit": LIMIT}

    def visits(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the visits to show."""
        raise NotImplementedError

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the pages by the names that they have now. Entities that are gone, or hidden, are left out."""
        credentials = credentials_of(page.request)
        limit = page.get("settings", {}).get("limit", self.config["limit"])
        visits = self.visits(credentials.principal.subject, limit=limit)
        named = named_entities([visit.entity_ref for visit in visits if visit.entity_ref], credentials=credentials)
        return {
            "pages": [
                VisitedPage(visit, *named.get(visit.entity_ref, (visit.title, "")))
                for visit in visits
                if not visit.entity_ref or visit.entity_ref in named
            ],
            "shows_hits": self.name == "most-visited",
        }

    def is_visible(self, page: PageContext) -> bool:
        """Say whether visits are remembered."""
        try:
            get_api(visits_api)
        except LookupError:
            return False
        return True


class RecentlyVisitedWidget(_VisitedWidget):
    """What the person visited last."""

    name = "recently-visited"
    title = gettext_noop("Recently visited")
    description = gettext_noop("The pages that you opened last.")
    icon = "history"

    def visits(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the latest."""
        return get_api(visits_api).recent(user_ref, limit=limit)


class MostVisitedWidget(_VisitedWidget):
    """What the person visits most often."""

    name = "most-visited"
    title = gettext_noop("Top visited")
    description = gettext_noop("The pages that you open most often.")
    icon = "trending-up"

    def visits(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the most frequent."""
        return get_api(visits_api).most(user_ref, limit=limit)
