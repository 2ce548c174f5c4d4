"""Rules of a plugin's pages and extensions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from django.test import Client, override_settings
from django.views.generic import View

from portal.config import override_config
from portal.extensions import (
    EntityCard,
    EntityContent,
    EntityContentLayout,
    EntityContextMenuItem,
    EntityHeader,
    EntityIconLink,
    Extension,
    Node,
    Page,
    SubPage,
    get_tree,
)
from portal.extensions.conditions import is_enabled
from portal.extensions.entity_page import EntityHeaderAction
from portal.http.access import policy_of
from portal.routes.mounting import Mount, mounts_of
from portal.routes.nav import NavItems
from portal.routes.paths import SPLAT
from portal.testing.clients import signed_in_client
from portal.testing.conformance.base import PluginTests, closed_portal, expect_none, watched_log
from portal.testing.entities import SAMPLE_ENTITIES
from portal.testing.rendering import SOMEBODY, page_context

OK = 200
ENTITY_BLUEPRINTS = (
    EntityCard,
    EntityContent,
    EntityContentLayout,
    EntityContextMenuItem,
    EntityHeader,
    EntityHeaderAction,
    EntityIconLink,
)
#: What the slots of the core pass on, by the kind of what goes into them.
CORE_VALUES: Mapping[str, Mapping[str, Any]] = {
    "nav-content": {"nav": NavItems([])},
    "sign-in-page": {"next": "/", "guest": SOMEBODY},
    "app-root-wrapper": {"content": ""},
    "entity-content-layout": {"cards": []},
}


class InterfaceRules(PluginTests):
    """Pages are for people who are signed in, and everything on them can be shown."""

    #: Values for the parameters of pages, by their path: ``{"/things/:name": {"name": "web"}}``; None for a page that
    #: isn't opened. What they lead to must be there: make it in a fixture.
    page_parameters: ClassVar[Mapping[str, Mapping[str, str] | None]] = {}

    def values_for(self, node: Node) -> Iterable[Mapping[str, Any]]:
        """Return what an extension is shown with: for each time the keywords that its slot passes on.

        By default an entity extension is shown with each of ``SAMPLE_ENTITIES`` that suits it, and what belongs into
        the core with what the core passes on. Override it for slots of your own, and for those that pass on more.
        """
        extension = node.extension
        values = CORE_VALUES.get(node.kind or "", {})
        if isinstance(extension, ENTITY_BLUEPRINTS):
            return [{**values, "entity": entity} for entity in SAMPLE_ENTITIES if extension.suits(entity)]
        return [values]

    def test_its_pages_are_closed(self) -> None:
        """Who isn't signed in is led to the sign-in page."""
        with _nobody_let_in():
            expect_none(
                f"{mount.path} of {mount.node.id} answers {response.status_code} to nobody in particular; it must lead "
                f"to /sign-in."
                for mount, view in self._mounts()
                if policy_of(view) != "unauthenticated"
                for response in [Client().get(mount.path.build(dict.fromkeys(mount.path.parameters, "x")))]
                if not response.get("Location", "").startswith("/sign-in?next=")
            )

    def test_its_pages_can_be_opened(self) -> None:
        """Who is signed in gets the page, with nothing on it that fails."""
        expect_none(fault for mount, view in self._mounts() if _answers_get(view) for fault in self._opened(mount))

    def test_its_extensions_can_be_shown(self) -> None:
        """Every active extension with a template renders, with what its slot passes on."""
        expect_none(fault for node in self._rendered() for fault in self._shown(node))

    def _mounts(self) -> Iterator[tuple[Mount, type[View]]]:
        for mount in mounts_of(get_tree())[0]:
            if mount.node.spec.origin == self.plugin and mount.view is not None:
                yield mount, mount.view

    def _opened(self, mount: Mount) -> Iterator[str]:
        """Open a page that is there for somebody who is signed in, and yield what is wrong with it."""
        needed = set(mount.path.parameters) - {SPLAT}
        parameters = self.page_parameters.get(str(mount.path), {})
        if parameters is None or not is_enabled(mount.node, page_context(mount.node).request):
            return
        if needed - set(parameters):
            yield f"{mount.path} has parameters; state values for them in page_parameters."
            return
        with watched_log() as log:
            response = signed_in_client(SOMEBODY).get(mount.path.build(parameters))
        errors = [f"{line.event}: {line.fields}" for line in log.lines if line.level == "error"]
        if response.status_code != OK or errors:
            yield f"{mount.path} of {mount.node.id} answers {response.status_code}. {' '.join(errors)}"

    def _rendered(self) -> Iterator[Node]:
        for node in get_tree().active():
            extension = node.spec.extension
            rendered = extension.template_name is not None or extension.render is not Extension.render
            if node.spec.origin == self.plugin and rendered and not issubclass(extension, Page | SubPage):
                yield node

    def _shown(self, node: Node) -> Iterator[str]:
        shown = 0
        for values in self.values_for(node):
            page = page_context(node, **values)
            # Whatever a plugin's code raises is the finding.
            try:
                if node.extension.is_visible(page):
                    node.extension.render(page)
                    shown += 1
            except Exception as error:  # noqa: BLE001
                given = ", ".join(values) or "nothing"
                yield f"{node.id}, given {given}, fails with {type(error).__name__}: {error}"
                return
        if not shown:
            yield f"{node.id} is shown for none of the values tried; override values_for."


def _answers_get(view: type[View]) -> bool:
    return "get" in view.http_method_names and hasattr(view, "get")


@contextmanager
def _nobody_let_in() -> Iterator[None]:
    """Close the portal to guests too, as in production."""
    guest = {"providers": {"guest": {"dangerouslyAllowOutsideDevelopment": False}}}
    with override_settings(PORTAL_ENV="production"), closed_portal(), override_config({"auth": guest}):
        yield
