"""Entity refs: ``[<kind>:][<namespace>/]<name>``, the name by which everything in the portal points at an entity.

Two refs that differ only in case mean the same entity, so identity is the canonical text: all lowercase, all three
parts.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from portal.entities.entity import DEFAULT_NAMESPACE, Entity
from portal.errors import InputError


class EntityRef(NamedTuple):
    """The three parts of a ref, in the case in which they were written; ``str()`` gives the canonical text."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        # Each part by itself: the lowercase of a Greek capital sigma depends on the letters around it.
        return f"{self.kind.lower()}:{self.namespace.lower()}/{self.name.lower()}"


#: As long as the canonical text of a ref can be: more, the tables don't hold.
MAX_REF_LENGTH = 512

#: What can stand for a ref: its text, its parts as an ``EntityRef``, or as an object ``{kind, namespace?, name}``.
RefLike: TypeAlias = str | EntityRef | Mapping[str, Any]


def parse_ref(
    ref: RefLike, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE
) -> EntityRef:
    """Return the parts of ``ref``, the absent ones filled from the defaults.

    The kind ends at the first colon, the namespace at the first slash; a slash before every colon means that the text
    names no kind. The characters of the parts aren't checked: a ref may point at something that can't exist.

    Raise ``InputError`` if a part is empty, if the kind is missing and there is no default for it, or if no table could
    hold the ref.
    """
    default_namespace = default_namespace or DEFAULT_NAMESPACE
    if isinstance(ref, EntityRef):
        kind, namespace, name = ref.kind, ref.namespace, ref.name
    elif isinstance(ref, str):
        kind, namespace, name = _split(ref, default_kind or "", default_namespace)
    elif isinstance(ref, Mapping):
        kind, namespace, name = _parts(ref, default_kind or "", default_namespace)
    else:
        raise InputError(f"An entity ref must be a text such as component:default/shop, but found {ref!r}.")
    if not kind:
        raise InputError(
            f'The entity ref "{_shown(ref)}" names no kind, and none can be assumed here; '
            f"expected <kind>:[<namespace>/]<name>, such as component:{name}."
        )
    found = EntityRef(kind, namespace, name)
    require_storable(found)
    return found


def require_storable(ref: EntityRef) -> None:
    """Raise ``InputError`` if a ref is longer than tables hold, or has a NUL character in it."""
    text = str(ref)
    if len(text) > MAX_REF_LENGTH:
        raise InputError(
            f'The entity ref "{text[:60]}…" has {len(text):,} characters; more than {MAX_REF_LENGTH} can\'t be stored.'
        )
    if "\0" in text:
        raise InputError(f"The entity ref {json.dumps(text)} holds a NUL character, which can't be stored.")


def ref_of(entity: Entity) -> EntityRef:
    """Return the ref of an entity whose envelope is valid."""
    metadata = entity["metadata"]
    return EntityRef(entity["kind"], metadata.get("namespace") or DEFAULT_NAMESPACE, metadata["name"])


def stringify_ref(ref: RefLike) -> str:
    """Return the canonical text of a ref or of an entity: lowercase, with kind and namespace."""
    if isinstance(ref, Mapping) and "metadata" in ref:
        return str(ref_of(dict(ref)))
    return str(parse_ref(ref))


def humanize_ref(ref: RefLike, *, default_kind: str | None = None, default_namespace: str = DEFAULT_NAMESPACE) -> str:
    """Return the ref of an entity as people write it: without the kind and the namespace that go without saying."""
    parts = ref_of(dict(ref)) if isinstance(ref, Mapping) and "metadata" in ref else parse_ref(ref)
    kind = parts.kind.lower()
    shown_kind = "" if default_kind is not None and default_kind.lower() == kind else f"{kind}:"
    shown_namespace = "" if parts.namespace == default_namespace else f"{parts.namespace}/"
    return f"{shown_kind}{shown_namespace}{parts.name}"


def _split(text: str, default_kind: str, default_namespace: str) -> tuple[str, str, str]:
    kind, namespace, rest = default_kind, default_namespace, text
    colon, slash = rest.find(":"), rest.find("/")
    if colon != -1 and not -1 < slash < colon:
        kind, rest = rest[:colon], rest[colon + 1 :]
        if not kind:
            raise _malformed(text)
    if slash != -1:
        namespace, _, rest = rest.partition("/")
    if not namespace or not rest:
        raise _malformed(text)
    return kind, namespace, rest


def _parts(ref: Mapping[str, Any], default_kind: str, default_namespace: str) -> tuple[str, str, str]:
    kind, namespace, name = ref.get("kind"), ref.get("namespace"), ref.get("name")
    kind = default_kind if kind is None else kind
    namespace = default_namespace if namespace is None else namespace
    if not (isinstance(kind, str) and isinstance(namespace, str) and isinstance(name, str) and namespace and name):
        raise InputError(
            f"An entity ref as an object needs texts as kind, namespace and name, but found {dict(ref)!r}."
        )
    return kind, namespace, name


def _malformed(text: str) -> InputError:
    return InputError(
        f'"{text}" is not an entity ref; expected [<kind>:][<namespace>/]<name> with no part empty, '
        f"such as component:default/shop."
    )


def _shown(ref: RefLike) -> str:
    return ref if isinstance(ref, str) else str(dict(ref) if isinstance(ref, Mapping) else tuple(ref))
