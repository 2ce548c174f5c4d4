"""The processor for the kinds of the catalog's model: its own, and those of layers over them."""

from __future__ import annotations

from apps.catalog.extension_points import ProcessingContext, Processor
from portal.entities import KINDS, Entity, KindRegistry, relations_of, sort_relation_arrays


class BuiltinKindsEntityProcessor(Processor):
    """Checks entities against the rules of their kinds, and emits the relations that their specs state.

    It has the name of Backstage's processor for the built-in kinds, by which configuration knows it.
    """

    name = "BuiltinKindsEntityProcessor"
    repeatable = True

    def __init__(self, kinds: KindRegistry = KINDS) -> None:
        self._kinds = kinds

    def pre_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        return sort_relation_arrays(entity, kinds=self._kinds)

    def validate_entity_kind(self, entity: Entity) -> bool:
        return self._kinds.validate(entity)

    def post_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        for relation in relations_of(entity, kinds=self._kinds):
            context.emit.relation(relation)
        return entity
