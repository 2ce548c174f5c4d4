"""How entities are called on pages: by the utility API, or by the catalog's rules where it is off or fails."""

from __future__ import annotations

from portal.entities import Entity, EntityRef, entity_subtitle, entity_title, ref_of
from portal.extensions.icons import kind_icon
from portal.extensions.registry import ask_api
from portal.extensions.utility import EntityPresentation, EntityPresentationApi, entity_presentation_api


class ModelPresentation(EntityPresentationApi):
    """The rules of the catalog's model: display name, title, short ref."""

    def of(
        self, entity: Entity | EntityRef, *, default_kind: str | None = None, default_namespace: str = "default"
    ) -> EntityPresentation:
        """Return title, subtitle, ref and icon."""
        ref = entity if isinstance(entity, EntityRef) else ref_of(entity)
        return EntityPresentation(
            entity_title(entity, default_kind=default_kind, default_namespace=default_namespace),
            entity_subtitle(entity, default_kind=default_kind, default_namespace=default_namespace),
            ref,
            kind_icon(ref.kind),
        )

    def title_of(self, entity: Entity | EntityRef) -> str:
        """Return the title alone."""
        return entity_title(entity)


_MODEL = ModelPresentation()


def present(entity: Entity | EntityRef, *, default_kind: str | None = None) -> EntityPresentation:
    """Return how to show an entity, or a ref whose entity isn't known."""
    shown = ask_api(entity_presentation_api, lambda api: api.of(entity, default_kind=default_kind), None)
    return shown or _MODEL.of(entity, default_kind=default_kind)


def title_of(entity: Entity | EntityRef) -> str:
    """Return the title to show for an entity, or for a ref whose entity isn't known."""
    title = ask_api(entity_presentation_api, lambda api: api.title_of(entity), None)
    return _MODEL.title_of(entity) if title is None else title
