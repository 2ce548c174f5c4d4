"""What other extensions may ask for: the utility API of visits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from portal.extensions import ApiRef


@dataclass(frozen=True, slots=True)
class PageVisit:
    """A page that somebody visited; ``entity_ref`` is empty if it isn't that of an entity."""

    path: str
    title: str
    entity_ref: str
    hits: int
    last_at: datetime


class VisitsApi(ABC):
    """Remembers what people visit. ``api:home/visits`` keeps it in the plugin's tables; replace it by configuration."""

    @abstractmethod
    def save(self, user_ref: str, *, path: str, title: str, entity_ref: str = "") -> None:
        """Note a visit. Called while a page is made, so it must cost next to nothing and raise nothing."""

    @abstractmethod
    def recent(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the pages that were visited last, the latest first."""

    @abstractmethod
    def most(self, user_ref: str, *, limit: int) -> list[PageVisit]:
        """Return the pages that were visited most often, the most often first."""


visits_api: ApiRef[VisitsApi] = ApiRef("plugin.home.visits", VisitsApi)
