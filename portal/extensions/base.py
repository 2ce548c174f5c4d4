"""The extension: one node of the tree that the whole interface is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from portal.entities import Predicate, check_predicate
from portal.errors import InputError
from portal.extensions.inputs import AttachmentPoint, Input
from portal.extensions.media import Media

if TYPE_CHECKING:
    from portal.extensions.page import PageContext
    from portal.extensions.tree import Node

#: Config key to JSON Schema.
ConfigSchema = Mapping[str, Mapping[str, Any]]

#: What ``enabled_if`` may ask for.
CONDITIONS = frozenset({"featureFlags", "permissions"})

_WORDS = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_NAME = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


@dataclass(frozen=True, slots=True)
class Relative:
    """An attachment point in the same plugin: ``Relative("page", input="pages")`` is its extension
    ``page:<plugin>``.
    """

    kind: str | None = None
    name: str | None = None
    input: str = ""


class Extension:
    """A part of the interface: it has an id, a place in the tree, inputs of its own, and knows how to render itself.

    Plugins subclass a blueprint (``Page``, ``EntityCard``…) in their room ``extensions`` and state facts; every
    subclass there is installed. One instance serves the whole process: it holds configuration, never a request.
    """

    # --- Identity: the id is derived, [kind:]plugin[/name] ---

    #: The blueprint's kind, as in Backstage.
    kind: ClassVar[str | None] = None
    #: Tells extensions of one kind and plugin apart; None for a plugin's only one.
    name: ClassVar[str | None] = None
    #: The plugin's id unless stated. It is stated where a plugin does the work of several of Backstage's, to keep
    #: their ids.
    namespace: ClassVar[str | None] = None
    #: True on a class that is a base for others and not an extension itself. Not inherited.
    abstract: ClassVar[bool] = True

    # --- Place in the tree ---

    #: The parent and its input. Blueprints state it; an extension may say otherwise; ``app.extensions`` has the last
    #: word.
    attach_to: ClassVar[AttachmentPoint | Relative | None] = None
    #: The slots of this extension. Those of the base classes are kept; a subclass adds.
    inputs: ClassVar[Mapping[str, Input]] = {}
    #: True for an extension that is there only if ``app.extensions`` mentions it.
    disabled: ClassVar[bool] = False
    #: Backstage's ``if``: a predicate over ``featureFlags`` and ``permissions`` (``name#action``), asked for each
    #: request.
    enabled_if: ClassVar[dict[str, Any] | None] = None
    #: False on a blueprint of what is there for everybody at once, such as a utility API: nobody asks a predicate then.
    is_conditional: ClassVar[bool] = True

    # --- Configuration ---

    #: Config key to JSON Schema, ``{"columns": {"type": "integer", "default": 3}}``. Those of the base classes are
    #: kept.
    config_schema: ClassVar[ConfigSchema] = {}
    #: Config keys that replace the attribute of the same name when they are set.
    config_attributes: ClassVar[tuple[str, ...]] = ()

    # --- Rendering ---

    #: Rendered with what ``context()`` returns, the keywords of the slot, ``page``, ``extension`` and ``request``.
    template_name: ClassVar[str | None] = None
    #: Loaded on every page that the extension may be part of.
    media: ClassVar[Media] = Media()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "abstract" not in vars(cls):
            cls.abstract = False
        _require_well_formed(cls)
        for attribute in ("inputs", "config_schema"):
            merged: dict[str, Any] = {}
            for base in reversed(cls.__mro__):
                merged.update(vars(base).get(attribute, {}))
            setattr(cls, attribute, merged)
        inherited = (name for base in reversed(cls.__mro__) for name in vars(base).get("config_attributes", ()))
        cls.config_attributes = tuple(dict.fromkeys(inherited))

    def __init__(self, node: Node, config: Mapping[str, Any]) -> None:
        """Made once for each tree, from bottom up. ``config`` is valid and complete: defaults are filled in."""
        self.node = node
        self.config = config
        for name in self.config_attributes:
            if config.get(name) is not None:
                setattr(self, name, config[name])

    @classmethod
    def id_in(cls, plugin_id: str) -> str:
        """Return the id that this extension has in a plugin: ``[kind:]namespace[/name]``."""
        prefix = f"{cls.kind}:" if cls.kind else ""
        suffix = f"/{cls.name}" if cls.name else ""
        return f"{prefix}{cls.namespace or plugin_id}{suffix}"

    @classmethod
    def faults_of_class(cls) -> Iterable[str]:
        """Return what is wrong with the stated facts, each a clause: ``its name 'a b' has a space``."""
        if cls.kind is not None and not _WORDS.fullmatch(cls.kind):
            yield f"its kind {cls.kind!r} must be lowercase words joined by hyphens"
        if cls.name is not None and not _NAME.fullmatch(cls.name):
            yield f"its name {cls.name!r} may hold letters, digits and '-_.', in parts joined by '/'"
        if cls.kind is None and cls.name is None and cls.namespace is None:
            yield "it has neither a kind nor a name, so it has no id of its own"
        if cls.enabled_if is not None and not cls.is_conditional:
            yield f"it has an enabled_if, but {cls.kind or 'it'} extensions are there for everybody or for nobody"
        yield from condition_faults(cls.enabled_if)

    def faults(self) -> Iterable[str]:
        """Return what is wrong once configured, each a clause. Called when the tree is built; a fault keeps it out."""
        return ()

    def doubts(self) -> Iterable[str]:
        """Return what of its configuration has no effect, each a clause. Called after ``faults``; it stays all the
        same.
        """
        return ()

    @property
    def id(self) -> str:
        """The extension's id."""
        return self.node.id

    def is_visible(self, page: PageContext) -> bool:
        """Say whether to render on this page. Called before each rendering; False leaves the extension out."""
        return True

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return what the template needs beyond the slot's keywords. Called once for each rendering."""
        return {}

    def render(self, page: PageContext) -> SafeString:
        """Return the HTML. What is raised is logged, and an error card is shown in this place."""
        if self.template_name is None:
            return SafeString("")
        values = {**page.values, **self.context(page), "page": page, "extension": self.node}
        return render_to_string(self.template_name, values, page.request)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.id}>"


def _require_well_formed(extension: type[Extension]) -> None:
    """Raise ``TypeError`` for a fact of the wrong shape, which would only come to light when the tree is built."""
    where, own = f"{extension.__module__}.{extension.__qualname__}", vars(extension)
    if own.get("config_schema", {}).get("type") == "object":
        raise TypeError(f"{where}.config_schema maps config keys to schemas: write what is under its 'properties'.")
    for name, slot in own.get("inputs", {}).items():
        if not isinstance(slot, Input):
            raise TypeError(f"{where}.inputs[{name!r}] is {slot!r}; it must be an Input.")
    place = own.get("attach_to")
    is_pair = isinstance(place, tuple) and len(place) == 2 and all(isinstance(part, str) for part in place)
    if place is not None and not isinstance(place, Relative) and not is_pair:
        raise TypeError(f"{where}.attach_to is {place!r}; it must be a pair of extension id and input, or a Relative.")


def _fields_of(predicate: object) -> Iterator[str]:
    """Yield the fields that a well-formed predicate asks for."""
    if isinstance(predicate, Mapping):
        for key, part in predicate.items():
            if key in {"$all", "$any", "$not"}:
                for one in part if isinstance(part, list) else [part]:
                    yield from _fields_of(one)
            elif not key.startswith("$"):
                yield key


def condition_faults(condition: object) -> Iterable[str]:
    """Return what is wrong with an ``enabled_if``, each a clause."""
    if condition is None:
        return
    if not isinstance(condition, dict):
        yield f"its enabled_if is {condition!r}; it must be a map such as {{'featureFlags': {{'$contains': 'a-flag'}}}}"
        return
    yield from predicate_faults(condition, "its enabled_if")
    unknown = sorted(set(_fields_of(condition)) - CONDITIONS)
    if unknown:
        yield f"its enabled_if asks for {', '.join(unknown)}; there is only {' and '.join(sorted(CONDITIONS))}"


def predicate_faults(predicate: Predicate, subject: str) -> Iterable[str]:
    """Return what is wrong with a predicate, as a clause that begins with ``subject``; nothing if it is well-formed."""
    try:
        check_predicate(predicate, subject=subject)
    except InputError as error:
        yield error.message.rstrip(".")
