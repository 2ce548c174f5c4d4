"""The utility API of starred entities. It is here so that every plugin may ask for it; the catalog provides it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection

from portal.extensions.apis import ApiRef


class StarredEntitiesApi(ABC):
    """The entities that people marked to find them again. People and entities are given by their canonical refs."""

    @abstractmethod
    def starred(self, user_ref: str) -> list[str]:
        """Return what somebody starred, the latest first; entities too that are no longer there."""

    @abstractmethod
    def starred_among(self, user_ref: str, entity_refs: Collection[str]) -> frozenset[str]:
        """Return which of some entities somebody starred. Called for each list that has stars."""

    @abstractmethod
    def set_starred(self, user_ref: str, entity_ref: str, *, starred: bool) -> None:
        """Star an entity, or take the star away; doing it twice changes nothing.

        Raises ``InputError`` if somebody has more stars than are kept.
        """


#: Provided by ``api:catalog/starred-entities``.
starred_entities_api: ApiRef[StarredEntitiesApi] = ApiRef("plugin.catalog.starred-entities", StarredEntitiesApi)
