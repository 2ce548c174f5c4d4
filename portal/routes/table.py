"""The route table: which ref leads to which path, once pages are mounted and external refs are bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING

from django.core import checks
from django.core.checks import CheckMessage, Error

from portal.routes.paths import SPLAT, RoutePath
from portal.routes.refs import AnyRouteRef, ExternalRouteRef, RouteRef, SubRouteRef

if TYPE_CHECKING:
    from portal.extensions.tree import Node


class MissingRouteParameters(ValueError):
    """A link was asked for without all the parameters of its route."""


class RouteTable:
    """Turns a route ref and its parameters into a URL.

    ``mounts`` says where each mounted ref's page is, by ref id, and ``nodes`` which extension it is; ``refs`` are the
    refs that plugins define; ``bindings`` is the value of ``app.routes.bindings``. What is wrong is kept in
    ``problems`` and does no further harm.
    """

    def __init__(
        self,
        *,
        mounts: Mapping[str, RoutePath],
        nodes: Mapping[str, Node] | None = None,
        refs: Iterable[AnyRouteRef] = (),
        bindings: object = None,
    ) -> None:
        self.mounts = dict(mounts)
        self.nodes = dict(nodes or {})
        self.problems: list[CheckMessage] = []
        self.refs: dict[str, AnyRouteRef] = {}
        for ref in refs:
            known = self.refs.setdefault(ref.id, ref)
            if known != ref:
                self.problems.append(
                    Error(
                        f"Two route refs have the id '{ref.id}'.",
                        hint="Give one of them another id; the first is used.",
                        obj=ref.id,
                        id="portal.E230",
                    )
                )
        self.routes = {ref.id for ref in self.refs.values() if not isinstance(ref, ExternalRouteRef)}
        self.targets: dict[str, str | None] = {
            ref.id: ref.default_target if self._fits(ref.id, ref.default_target) else None
            for ref in self.refs.values()
            if isinstance(ref, ExternalRouteRef)
        }
        self._bind(bindings)

    def _bind(self, bindings: object) -> None:
        if bindings is None:
            return
        if not isinstance(bindings, Mapping):
            self.problems.append(
                Error(
                    f"app.routes.bindings is a {type(bindings).__name__}; it must map route refs to route refs.",
                    hint="For example:  catalog.createComponent: scaffolder.root",
                    obj="app.routes.bindings",
                    id="portal.E231",
                )
            )
            return
        for external, target in bindings.items():
            problem = self._problem_with(external, target)
            if problem is not None:
                self.problems.append(problem)
            else:
                self.targets[external] = target or None

    def _problem_with(self, external: object, target: object) -> CheckMessage | None:
        if target is not False and not isinstance(target, str):
            return Error(
                f"app.routes.bindings: '{external}' is bound to {target!r}; it must be a route ref's id, or false.",
                hint=f"For example:  {external}: scaffolder.root",
                obj=external,
                id="portal.E231",
            )
        if not isinstance(external, str):
            return Error(
                f"app.routes.bindings has {external!r} where the id of an external route ref must be.",
                hint="For example:  catalog.createComponent: scaffolder.root",
                obj="app.routes.bindings",
                id="portal.E231",
            )
        if external not in self.targets:
            return checks.Warning(
                f"app.routes.bindings names '{external}', which no installed plugin has as an external route.",
                hint=_suggest(external, self.targets) or "Install its plugin, or remove the line.",
                obj=external,
                id="portal.W231",
            )
        if target is not False and target not in self.routes:
            return checks.Warning(
                f"app.routes.bindings binds '{external}' to '{target}', which no installed plugin has as a route.",
                hint=_suggest(str(target), self.routes)
                or "Install its plugin, or bind the link elsewhere; it leads where it does without the binding.",
                obj=external,
                id="portal.W232",
            )
        if isinstance(target, str) and not self._fits(external, target):
            given, needed = (", ".join(_params(self.refs[ref_id])) or "none" for ref_id in (external, target))
            return Error(
                f"app.routes.bindings binds '{external}' to '{target}', whose parameters it can't give "
                f"(given: {given}; needed: {needed}).",
                hint="Bind it to a route that needs no others; until then it leads where it leads without the binding.",
                obj=external,
                id="portal.E231",
            )
        return None

    def _fits(self, external: str, target: str | None) -> bool:
        """Say whether an external route may lead to a target: it is there, and needs only parameters that are given."""
        if target not in self.routes:
            return False
        return set(_params(self.refs[target])) <= set(_params(self.refs[external]))

    def path_of(self, ref: AnyRouteRef | str) -> RoutePath | None:
        """Return the path that a ref leads to, or None if it is unknown, unbound or its page isn't mounted."""
        known = self.refs.get(ref) if isinstance(ref, str) else ref
        if isinstance(ref, str) and known is None:
            return self.mounts.get(ref)
        if isinstance(known, ExternalRouteRef):
            target = self.targets.get(known.id)
            return self.path_of(target) if target else None
        if isinstance(known, SubRouteRef):
            parent = self.path_of(known.parent)
            return parent / RoutePath.parse(known.path) if parent else None
        return self.mounts.get(known.id) if isinstance(known, RouteRef) else None

    def node_of(self, ref: AnyRouteRef | str) -> Node | None:
        """Return the extension of the page that a ref leads to, or below which it does."""
        known = self.refs.get(ref) if isinstance(ref, str) else ref
        if isinstance(known, ExternalRouteRef):
            target = self.targets.get(known.id)
            return self.node_of(target) if target else None
        if isinstance(known, SubRouteRef):
            return self.node_of(known.parent)
        return self.nodes.get(known.id if known is not None else str(ref))

    def url(self, ref: AnyRouteRef | str, parameters: Mapping[str, object] | None = None) -> str | None:
        """Return the URL path of a ref (or its id), or None if nothing is there to link to.

        Parameters are percent-encoded; ones that the target doesn't have are ignored. Raises
        ``MissingRouteParameters`` if one isn't given at all.
        """
        path = self.path_of(ref)
        if path is None:
            return None
        given = parameters or {}
        missing = [name for name in path.parameters if name not in given and name != SPLAT]
        if missing:
            ref_id = ref if isinstance(ref, str) else ref.id
            raise MissingRouteParameters(
                f"route '{ref_id}' leads to {path} and needs {', '.join(missing)}; given: {', '.join(given) or 'none'}"
            )
        return path.build(given)


def _params(ref: AnyRouteRef) -> tuple[str, ...]:
    """Return the parameters that have to be given; what a path's ``*`` stands for may be left out."""
    return tuple(name for name in ref.params if name != SPLAT)


def _suggest(wrong: str, known: Iterable[str]) -> str:
    close = get_close_matches(wrong, list(known), n=1)
    return f"Did you mean '{close[0]}'?" if close else ""
