"""The resolved tree: nodes, where they are attached, and why some are not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.core.checks import CheckMessage

from portal.extensions.base import Extension
from portal.extensions.inputs import AttachmentPoint

ROOT_ID = "root"
#: The extension whose input ``routes`` holds the pages.
ROUTES_ID = "app/routes"
#: What every page hangs from, from the root on. Without one of them there is no page at all.
TRUNK = (ROOT_ID, "app", "app/root", "app/layout", ROUTES_ID)


@dataclass(frozen=True, slots=True)
class ExtensionSpec:
    """An installed extension: its class, and who brought it.

    ``origin`` is the dotted name of the app, a plugin or (``is_module``) a module. ``title`` and ``icon`` are the
    plugin's. ``app_condition`` is the ``enabled_if`` that the app states for all of its extensions.
    """

    extension: type[Extension]
    plugin_id: str
    origin: str = ""
    is_module: bool = False
    title: str = ""
    icon: str = ""
    app_condition: dict[str, Any] | None = None

    @property
    def id(self) -> str:
        """The derived id."""
        return self.extension.id_in(self.plugin_id)

    @property
    def owner_id(self) -> str:
        """The plugin that people take it for: the one whose id is part of its own."""
        return self.extension.namespace or self.plugin_id

    @property
    def enabled_if(self) -> dict[str, Any] | None:
        """The predicate that is asked for each request, or None: the app's and the extension's own must both hold."""
        own = self.extension.enabled_if
        if self.app_condition is None or own is None:
            return own if self.app_condition is None else self.app_condition
        return {"$all": [self.app_condition, own]}


class State(Enum):
    """What became of an extension."""

    ACTIVE = "active"
    DISABLED = "disabled"
    #: Its parent isn't active, so it isn't either.
    INACTIVE = "inactive"
    #: Something is wrong with it; a problem says what.
    FAULTY = "faulty"


@dataclass(eq=False)
class Node:
    """An extension in its place. Made by ``resolve``; nobody changes it afterwards."""

    spec: ExtensionSpec
    id: str
    attach_to: AttachmentPoint | None = None
    given_config: Mapping[str, Any] = field(default_factory=dict)
    state: State = State.INACTIVE
    #: Why it isn't active, in words; empty if it is.
    reason: str = ""
    parent: Node | None = None
    #: Everything attached, by input, whatever its state.
    attachments: dict[str, list[Node]] = field(default_factory=dict)
    #: What took part: the active children, by input.
    active: dict[str, tuple[Node, ...]] = field(default_factory=dict)
    instance: Extension | None = None

    @property
    def extension(self) -> Extension:
        """The extension itself. Only active nodes have one."""
        if self.instance is None:
            raise LookupError(f"extension '{self.id}' is {self.state.value}: {self.reason}")
        return self.instance

    @property
    def plugin_id(self) -> str:
        """The plugin that it belongs to."""
        return self.spec.plugin_id

    @property
    def owner_id(self) -> str:
        """The plugin that people take it for: the one whose id is part of its own."""
        return self.spec.owner_id

    @property
    def kind(self) -> str | None:
        """The kind of its blueprint."""
        return self.spec.extension.kind

    @property
    def is_active(self) -> bool:
        """Whether it takes part in the interface."""
        return self.state is State.ACTIVE

    @property
    def config(self) -> Mapping[str, Any]:
        """The valid configuration with defaults filled in."""
        return self.extension.config

    @property
    def enabled_if(self) -> dict[str, Any] | None:
        """The predicate that is asked for each request, or None."""
        return self.spec.enabled_if

    @property
    def condition(self) -> str:
        """The predicate as people read it, in JSON; empty without one."""
        return "" if self.enabled_if is None else json.dumps(self.enabled_if)

    def children(self, input_name: str) -> tuple[Node, ...]:
        """Return the active children of an input, in order. An input that isn't declared raises ``LookupError``."""
        if input_name not in self.spec.extension.inputs:
            known = ", ".join(self.spec.extension.inputs) or "none"
            raise LookupError(f"extension '{self.id}' has no input '{input_name}'; its inputs are: {known}")
        return self.active.get(input_name, ())

    def child(self, input_name: str) -> Node | None:
        """Return the active child of a singleton input, or None."""
        children = self.children(input_name)
        return children[0] if children else None

    def walk(self) -> Iterator[Node]:
        """Yield this node and all that is active below it, depth first."""
        yield self
        for children in self.active.values():
            for child in children:
                yield from child.walk()

    def __repr__(self) -> str:
        return f"<Node {self.id} {self.state.value}>"


@dataclass(frozen=True, eq=False)
class Tree:
    """The tree: every known extension by id, and what is wrong.

    ``nodes`` keeps the order in which extensions are attached: those that ``app.extensions`` lists, then as registered.
    """

    nodes: Mapping[str, Node]
    problems: tuple[CheckMessage, ...] = ()
    #: Which node provides each utility API, by the id of its ref.
    apis: Mapping[str, Node] = field(default_factory=dict)

    @property
    def root(self) -> Node | None:
        """The node that all active ones hang from."""
        return self.nodes.get(ROOT_ID)

    def get(self, extension_id: str) -> Node | None:
        """Return the active node of that id, or None."""
        node = self.nodes.get(extension_id)
        return node if node is not None and node.is_active else None

    def children(self, extension_id: str, input_name: str) -> tuple[Node, ...]:
        """Return the active children of an extension's input.

        None if the extension isn't active, or if what a module put in its place has no such input.
        """
        node = self.get(extension_id)
        return node.active.get(input_name, ()) if node is not None else ()

    def active(self) -> Iterator[Node]:
        """Yield all active nodes, depth first."""
        if self.root is not None and self.root.is_active:
            yield from self.root.walk()

    @property
    def detached(self) -> tuple[Node, ...]:
        """The nodes that hang from nothing: their parent isn't known, or there is a cycle."""
        return tuple(node for node in self.nodes.values() if node.parent is None and node.id != ROOT_ID)
