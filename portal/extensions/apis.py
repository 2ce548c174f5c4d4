"""Utility APIs: objects that extensions share through the tree, each replaceable like any extension.

A plugin publishes an abstract class and an ``ApiRef`` for it in a public room, and provides the API by an ``Api``
extension; whoever wants it asks ``get_api(ref)``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from django.core.checks import CheckMessage

from portal.extensions import problems
from portal.extensions.base import Extension, Relative
from portal.extensions.inputs import AttachmentPoint
from portal.extensions.tree import Node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApiRef(Generic[T]):
    """The name of a utility API and the class that it is an instance of; ids are Backstage's.

    ``app_theme_api: ApiRef[AppThemeApi] = ApiRef("core.apptheme", AppThemeApi)``
    """

    id: str
    interface: type[Any]

    @property
    def plugin_id(self) -> str:
        """The plugin that owns the API: ``core.*`` is the portal's, ``plugin.<id>.*`` a plugin's, else the first
        part.
        """
        first, _, rest = self.id.partition(".")
        if first == "core":
            return "app"
        return rest.partition(".")[0] if first == "plugin" else first


class Api(Extension):
    """A utility API: ``ref`` names it, ``create()`` makes it."""

    abstract = True
    kind = "api"
    is_conditional = False
    attach_to: ClassVar[AttachmentPoint | Relative | None] = ("root", "apis")

    ref: ClassVar[ApiRef[Any] | None] = None

    def create(self) -> Any:
        """Return the API, an instance of the ref's interface. Called once, when the tree is built; no I/O."""
        raise NotImplementedError

    def __init__(self, node: Node, config: Any) -> None:
        super().__init__(node, config)
        self.api = self.create()

    def faults(self) -> Iterable[str]:
        """Return what is wrong; the object must be what the ref promises."""
        if self.ref is None:
            yield "it has no ref, so nobody could ask for it"
        elif not isinstance(self.api, self.ref.interface):
            yield f"it makes a {type(self.api).__name__}, but '{self.ref.id}' promises a {self.ref.interface.__name__}"


def provided_apis(nodes: Iterable[Node]) -> tuple[dict[str, Node], list[CheckMessage]]:
    """Return the node that provides each API, by ref id. Of two, the owning plugin's wins, else the first."""
    found: dict[str, Node] = {}
    conflicts: list[CheckMessage] = []
    for node in nodes:
        if not isinstance(node.instance, Api) or node.instance.ref is None:
            continue
        ref = node.instance.ref
        winner, loser = found.setdefault(ref.id, node), node
        if winner is loser:
            continue
        if winner.plugin_id != ref.plugin_id == loser.plugin_id:
            found[ref.id], winner, loser = loser, loser, winner
        conflicts.append(problems.api_conflict(ref.id, winner.id, loser.id))
    return found, conflicts
