"""Extensions by themselves, without the page around them."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from django.conf import settings
from django.test import RequestFactory

from portal.credentials import Credentials, UserPrincipal
from portal.extensions import Node, Page, PageContext, get_tree

#: Who looks at an extension unless a test says otherwise.
SOMEBODY = UserPrincipal("user:default/jane", ("user:default/jane", "group:default/team-a"))


def page_context(node: Node, *, user: UserPrincipal = SOMEBODY, path: str = "/", **values: Any) -> PageContext:
    """Return what an extension is told where it is rendered: ``values`` are the keywords of its slot."""
    request = RequestFactory().get(path)
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    request.credentials = Credentials(user)  # type: ignore[attr-defined]
    return PageContext(request, _page_of(node), values)


def render(extension_id: str, *, user: UserPrincipal = SOMEBODY, path: str = "/", **values: Any) -> str:
    """Return the HTML of an active extension; ``values`` are what its slot passes on, such as ``entity=…``.

    What it raises comes out, unlike in a page. Raises ``LookupError`` for an extension that isn't there, or not active.
    """
    node = get_tree().nodes.get(extension_id)
    if node is None:
        raise LookupError(f"no installed plugin has an extension '{extension_id}'")
    return str(node.extension.render(page_context(node, user=user, path=path, **values)))


def _page_of(node: Node) -> Node | None:
    """Return the page that a node is on, itself included; for what is on every page, the first that has one address."""
    above: Node | None = node
    while above is not None and not issubclass(above.spec.extension, Page):
        above = above.parent
    return above or next(filter(_has_one_address, get_tree().active()), None)


def _has_one_address(node: Node) -> bool:
    return isinstance(node.extension, Page) and not node.extension.route_path.parameters
