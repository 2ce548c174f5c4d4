"""The utility API of starred entities, kept in the catalog's own tables."""

from __future__ import annotations

from collections.abc import Collection

from apps.catalog.operations.stars import star, unstar
from apps.catalog.queries.stars import starred_among, starred_refs
from portal.extensions import Api
from portal.extensions.starred import StarredEntitiesApi, starred_entities_api


class StarredEntities(Api):
    """Keeps for each person what they starred. Backstage keeps it in the person's settings."""

    name = "starred-entities"
    ref = starred_entities_api

    def create(self) -> StarredEntitiesApi:
        """Return the API over the catalog's tables."""
        return _StoredStars()


class _StoredStars(StarredEntitiesApi):
    """Stars as rows."""

    def starred(self, user_ref: str) -> list[str]:
        """Return what somebody starred, the latest first."""
        return starred_refs(user_ref)

    def starred_among(self, user_ref: str, entity_refs: Collection[str]) -> frozenset[str]:
        """Return which of some entities somebody starred."""
        return starred_among(user_ref, entity_refs)

    def set_starred(self, user_ref: str, entity_ref: str, *, starred: bool) -> None:
        """Star an entity, or take the star away."""
        change = star if starred else unstar
        change(user_ref=user_ref, entity_ref=entity_ref)
