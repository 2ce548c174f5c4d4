"""From layers to the entity model: the kinds that are known, with the relations that their fields state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from portal.entities.kinds.layers import ANY, ModelLayer, as_list
from portal.entities.kinds.merging import merged_schema
from portal.entities.kinds.registry import Kind, KindRegistry, RelationField
from portal.entities.schemas import Schema
from portal.errors import ConflictError, InputError

#: A version of a kind: its name, and the ``spec.type`` that it is for.
_VersionKey: TypeAlias = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class RelationType:
    """A type of relation, its opposite, and what people call it; ``pairs`` are the kinds from and to, lowercase."""

    type: str
    reverse: str
    title: str
    description: str
    pairs: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Described:
    """An annotation or a label that a layer explains."""

    name: str
    description: str
    title: str = ""
    schema: Schema | None = None


@dataclass(frozen=True)
class EntityModel:
    """What a catalog knows of entities. It doesn't change."""

    kinds: KindRegistry
    relations: tuple[RelationType, ...] = ()
    annotations: tuple[Described, ...] = ()
    labels: tuple[Described, ...] = ()


def compile_layers(layers: Iterable[ModelLayer]) -> EntityModel:
    """Return the model that layers make together: first what any of them adds, then what is changed, then removals.

    A layer that comes twice counts once. Raise ``ConflictError`` for what is declared twice, and for two layers of one
    id; ``InputError`` for changes of what isn't there and for schemas that are none.
    """
    drafts = _Drafts()
    unique = _unique(layers)
    for add in (drafts.add_kinds, drafts.add_versions, drafts.add_relations, drafts.add_described):
        for layer in unique:
            add(layer)
    for change in (drafts.update_kinds, drafts.update_versions, drafts.remove_kinds):
        for layer in unique:
            change(layer)
    return drafts.finished()


def _unique(layers: Iterable[ModelLayer]) -> list[ModelLayer]:
    known: dict[str, ModelLayer] = {}
    for layer in layers:
        if known.setdefault(layer.id, layer) != layer:
            raise ConflictError(f"There are two different model layers '{layer.id}'; give one of them another id.")
    return list(known.values())


@dataclass
class _Version:
    schema: Schema
    description: str = ""
    fields: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class _KindDraft:
    group: str
    singular: str
    plural: str
    description: str
    versions: dict[_VersionKey, _Version] = field(default_factory=dict)


class _Drafts:
    """The model in the making."""

    def __init__(self) -> None:
        self._kinds: dict[str, _KindDraft] = {}
        self._relations: dict[str, RelationType] = {}
        self._described: dict[str, dict[str, Described]] = {"addAnnotations": {}, "addLabels": {}}

    def add_kinds(self, layer: ModelLayer) -> None:
        for declared in layer.declared("addKinds"):
            names = declared["names"]
            if names["kind"] in self._kinds:
                raise ConflictError(f"Model layer '{layer.id}': the kind {names['kind']} is declared already.")
            self._kinds[names["kind"]] = _KindDraft(
                declared["group"], names["singular"], names["plural"], declared["description"]
            )
            self._add_versions(layer, names["kind"], declared.get("versions", []))

    def add_versions(self, layer: ModelLayer) -> None:
        for declared in layer.declared("addKindVersions"):
            self._add_versions(layer, declared["kind"], declared["versions"])

    def _add_versions(self, layer: ModelLayer, kind: str, versions: list[dict[str, Any]]) -> None:
        draft = self._draft(layer, kind)
        for declared in versions:
            for key in _version_keys(declared):
                if key in draft.versions:
                    raise ConflictError(f"Model layer '{layer.id}': {_label(kind, key)} is declared already.")
                draft.versions[key] = _Version(
                    declared["schema"]["jsonSchema"],
                    declared.get("description", ""),
                    declared.get("relationFields", []),
                )

    def add_relations(self, layer: ModelLayer) -> None:
        for pair in layer.declared("addRelationPairs"):
            ends = [as_list(pair["fromKind"]), as_list(pair["toKind"])]
            there = {(one.lower(), other.lower()) for one in ends[0] for other in ends[1]}
            back = {(other, one) for one, other in there}
            self._add_relation(layer, pair, pair["forward"], pair["reverse"], there)
            self._add_relation(layer, pair, pair["reverse"], pair["forward"], back)

    def _add_relation(
        self,
        layer: ModelLayer,
        pair: dict[str, Any],
        forward: dict[str, str],
        reverse: dict[str, str],
        kinds: set[tuple[str, str]],
    ) -> None:
        type_ = forward["type"]
        known = self._relations.get(type_)
        if known is not None and known.reverse != reverse["type"]:
            raise ConflictError(
                f"Model layer '{layer.id}': the relation {type_} is the opposite of {known.reverse} already, and can't "
                f"be that of {reverse['type']} too."
            )
        self._relations[type_] = RelationType(
            type_,
            reverse["type"],
            known.title if known else forward["title"],
            known.description if known else pair["description"],
            (known.pairs if known else frozenset()) | kinds,
        )

    def add_described(self, layer: ModelLayer) -> None:
        for what, known in self._described.items():
            for declared in layer.declared(what):
                name = declared["name"]
                if name in known:
                    raise ConflictError(f"Model layer '{layer.id}': '{name}' is declared already ({what}).")
                schema = declared.get("schema", {}).get("jsonSchema")
                known[name] = Described(name, declared["description"], declared.get("title", ""), schema)

    def update_kinds(self, layer: ModelLayer) -> None:
        for change in layer.declared("updateKinds"):
            draft = self._draft(layer, change["kind"])
            draft.singular = change.get("singular", draft.singular)
            draft.plural = change.get("plural", draft.plural)
            draft.description = change.get("description", draft.description)

    def update_versions(self, layer: ModelLayer) -> None:
        for change in layer.declared("updateKindVersions"):
            draft = self._draft(layer, change["kind"])
            for key in _version_keys(change):
                version = draft.versions.get(key)
                if version is None:
                    raise InputError(f"Model layer '{layer.id}': there is no {_label(change['kind'], key)} to change.")
                above = change.get("schema", {}).get("jsonSchema", {})
                draft.versions[key] = _Version(
                    merged_schema(version.schema, above),
                    change.get("description", version.description),
                    change.get("relationFields", version.fields),
                )

    def remove_kinds(self, layer: ModelLayer) -> None:
        for removal in layer.declared("removeKinds"):
            self._draft(layer, removal["kind"])
            del self._kinds[removal["kind"]]

    def _draft(self, layer: ModelLayer, kind: str) -> _KindDraft:
        try:
            return self._kinds[kind]
        except KeyError:
            raise InputError(f"Model layer '{layer.id}': there is no kind {kind}.") from None

    def finished(self) -> EntityModel:
        annotations, labels = (tuple(known.values()) for known in self._described.values())
        metadata = _metadata_schema(annotations, labels)
        kinds = [
            self._kind(name, draft, version, keys, metadata)
            for name, draft in self._kinds.items()
            for version, keys in _grouped(draft.versions)
        ]
        return EntityModel(KindRegistry(*kinds), tuple(self._relations.values()), annotations, labels)

    def _kind(
        self, name: str, draft: _KindDraft, version: _Version, keys: list[_VersionKey], metadata: Schema | None
    ) -> Kind:
        root = version.schema
        others = sorted(root.get("properties", {}).keys() - {"spec"})
        if others:
            raise InputError(
                f"The schema of {_label(name, keys[0])} is about {', '.join(others)}; that of a kind is about 'spec' "
                f"alone."
            )
        kind = Kind(
            name,
            tuple(f"{draft.group}/{version_name}" for version_name, _ in keys),
            root.get("properties", {}).get("spec", {"type": "object"}),
            relations=tuple(self._relation_field(name, declared) for declared in version.fields),
            spec_type=keys[0][1],
            spec_required="spec" in root.get("required", ()),
            metadata=metadata,
            description=version.description or draft.description,
        )
        try:
            kind.compile()
        except ValueError as error:
            raise InputError(f"The schema of {_label(name, keys[0])} is none: {error}", cause=error) from error
        return kind

    def _relation_field(self, kind: str, declared: dict[str, Any]) -> RelationField:
        relation = self._relations.get(declared["relation"])
        pairs = relation.pairs if relation else ()
        targets = {to for start, to in pairs if start in (kind.lower(), ANY)}
        allowed = declared.get("allowedKinds")
        return RelationField(
            declared["selector"]["path"].removeprefix("spec."),
            declared["relation"],
            relation.reverse if relation and targets else None,
            declared.get("defaultKind"),
            default_namespace="default" if declared.get("defaultNamespace") == "default" else None,
            allowed_kinds=None if allowed is None else frozenset(one.lower() for one in allowed),
            reverse_kinds=None if ANY in targets else frozenset(targets),
        )


def _version_keys(declared: dict[str, Any]) -> list[_VersionKey]:
    spec_types: list[str | None] = [*as_list(declared.get("specType"))] or [None]
    return [(name, spec_type) for name in as_list(declared["name"]) for spec_type in spec_types]


def _grouped(versions: dict[_VersionKey, _Version]) -> list[tuple[_Version, list[_VersionKey]]]:
    """Return the versions that say the same of one ``spec.type`` together: they share a compiled schema."""
    groups: list[tuple[_Version, list[_VersionKey]]] = []
    for key, version in versions.items():
        for known, keys in groups:
            if known == version and keys[0][1] == key[1]:
                keys.append(key)
                break
        else:
            groups.append((version, [key]))
    return groups


def _metadata_schema(annotations: tuple[Described, ...], labels: tuple[Described, ...]) -> Schema | None:
    properties = {
        name: {"properties": {one.name: one.schema for one in described if one.schema is not None}}
        for name, described in (("annotations", annotations), ("labels", labels))
        if any(one.schema is not None for one in described)
    }
    return {"properties": properties} if properties else None


def _label(kind: str, key: _VersionKey) -> str:
    version, spec_type = key
    return f"version {version} of the kind {kind}" + (f" with spec.type {spec_type}" if spec_type else "")
