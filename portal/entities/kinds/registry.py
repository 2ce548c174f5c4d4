"""Kinds of entities: what their specs must hold, and which of the fields point at other entities."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from portal.entities.entity import Entity
from portal.entities.envelope import ENTITY, validate_envelope
from portal.entities.refs import ref_of
from portal.entities.schemas import CompiledSchema, Schema
from portal.errors import ConflictError


@dataclass(frozen=True, slots=True)
class RelationField:
    """A field of a spec that holds the ref of another entity, or a list of them.

    ``name`` is its path below the spec, with dots. ``forward`` is the relation from the entity that has the field to
    the one that it names, ``reverse`` the way back, if there is one, for targets of the ``reverse_kinds`` (default:
    any). Refs in the field may leave out the kind if there is a ``default_kind``, and the namespace if it is the
    ``default_namespace``, or else that of the entity itself. Targets of other than the ``allowed_kinds`` are passed
    over. Kinds in sets are lowercase.
    """

    name: str
    forward: str
    reverse: str | None
    default_kind: str | None = None
    default_namespace: str | None = None
    allowed_kinds: frozenset[str] | None = None
    reverse_kinds: frozenset[str] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of entities in certain API versions, and the JSON Schema (draft 7) of its ``spec``.

    With a ``spec_type``, it is a variant: it holds for the entities with that ``spec.type`` only, and goes before the
    kind without one. ``metadata`` is what its schema says of the metadata, besides what all entities have in common.
    """

    name: str
    api_versions: tuple[str, ...]
    spec: Schema
    relations: tuple[RelationField, ...] = ()
    spec_type: str | None = None
    spec_required: bool = True
    metadata: Schema | None = None
    description: str = ""

    def compile(self) -> None:
        """Make the schema ready for use, which the first check does otherwise. Raise ``ValueError`` if it is none."""
        _ = self._compiled

    def check(self, entity: Entity) -> None:
        """Raise ``InputError`` if ``entity``, which is of this kind, breaks its schema."""
        self._compiled.check(entity, subject=lambda: f"The entity {ref_of(entity)} is not a valid {self.name}")

    @cached_property
    def _compiled(self) -> CompiledSchema:
        own: Schema = {"required": ["spec"] if self.spec_required else [], "properties": {"spec": self.spec}}
        if self.metadata is not None:
            own["properties"]["metadata"] = self.metadata
        return CompiledSchema({"allOf": [ENTITY, own]})


class KindRegistry:
    """The kinds that an installation knows. Modules may add theirs at start-up."""

    def __init__(self, *kinds: Kind) -> None:
        self._kinds: dict[tuple[str, str, str | None], Kind] = {}
        self.add(*kinds)

    def __iter__(self) -> Iterator[Kind]:
        return iter({id(kind): kind for kind in self._kinds.values()}.values())

    def add(self, *kinds: Kind) -> None:
        """Make kinds known; raise ``ConflictError`` if one of their API versions is taken."""
        for kind in kinds:
            keys = [(kind.name, version, kind.spec_type) for version in kind.api_versions]
            for key in keys:
                if key in self._kinds:
                    variant = f" with spec.type {kind.spec_type}" if kind.spec_type else ""
                    raise ConflictError(f"The kind {kind.name} of {key[1]}{variant} is registered already.")
            self._kinds.update(dict.fromkeys(keys, kind))

    def find(self, entity: Entity) -> Kind | None:
        """Return the kind of an entity whose envelope is valid, None if it is unknown. Case matters."""
        name, version = entity["kind"], entity["apiVersion"]
        spec: Any = entity.get("spec")
        spec_type = spec.get("type") if isinstance(spec, dict) else None
        if isinstance(spec_type, str) and (variant := self._kinds.get((name, version, spec_type))):
            return variant
        return self._kinds.get((name, version, None))

    def validate(self, entity: Entity) -> bool:
        """Tell whether the kind of ``entity`` is known here; raise ``InputError`` if it is, and the entity isn't valid.

        An API version that the kind doesn't have counts as unknown, as does a kind in other case: someone else's
        processor may know it.
        """
        validate_envelope(entity)
        kind = self.find(entity)
        if kind is None:
            return False
        kind.check(entity)
        return True
