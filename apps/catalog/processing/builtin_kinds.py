"""The processor for the kinds that every catalog knows."""

from __future__ import annotations

from apps.catalog.extension_points import ProcessingContext, Processor
from portal.entities import Entity, relations_of, sort_relation_arrays, validate_kind


class BuiltinKindsEntityProcessor(Processor):
    """Checks the built-in kinds against their rules, and emits the relations that their specs state."""

    name = "BuiltinKindsEntityProcessor"

    def pre_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        return sort_relation_arrays(entity)

    def validate_entity_kind(self, entity: Entity) -> bool:
        return validate_kind(entity)

    def post_process_entity(self, entity: Entity, context: ProcessingContext) -> Entity:
        for relation in relations_of(entity):
            context.emit.relation(relation)
        return entity
