"""Django's URL patterns for the pages of the extension tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import URLPattern, URLResolver
from django.urls.resolvers import RegexPattern

from portal.extensions.conditions import is_enabled
from portal.extensions.registry import get_tree
from portal.extensions.tree import ROUTES_ID, Node, Tree
from portal.extensions.trunk import missing_trunk
from portal.routes.mounting import Mount, get_routes, link_for, mounts_of, redirects_of, url_for
from portal.routes.nav import nav_items
from portal.routes.paths import RoutePath

__all__ = ["get_routes", "link_for", "page_urlpatterns", "url_for"]

PageView = Callable[..., HttpResponseBase]


def page_urlpatterns() -> list[URLResolver]:
    """Return the patterns for every page, redirect, and ``/``. They follow the tree when it changes."""
    return [_PageResolver()]


class _PageResolver(URLResolver):
    """A resolver whose patterns are those of the current tree, so that nothing is built before the first request."""

    def __init__(self) -> None:
        super().__init__(RegexPattern(r""), [])
        self._current: tuple[Tree, list[URLPattern]] | None = None

    @property
    def url_patterns(self) -> list[URLPattern]:  # type: ignore[override]
        """The patterns of the current tree."""
        tree = get_tree()
        current = self._current
        if current is None or current[0] is not tree:
            current = self._current = tree, list(_patterns(tree))
        return current[1]

    def __repr__(self) -> str:
        return "<pages of the extension tree>"


def _patterns(tree: Tree) -> Iterator[URLPattern]:
    if tree.get(ROUTES_ID) is None:
        yield URLPattern(RegexPattern(r""), _without_pages)
        return
    answers = [(redirect.source, _redirect_to(redirect.target)) for redirect in redirects_of(tree)[0]]
    answers += [(mount.path, _view_of(mount)) for mount in mounts_of(tree)[0]]
    answers.append((RoutePath.parse("/"), _first_page))
    # As React Router has it: the more specific path answers, and of two that are alike the first.
    for path, view in sorted(answers, key=lambda answer: answer[0].sort_key):
        yield URLPattern(RegexPattern(path.regex()), view)


def _view_of(mount: Mount) -> PageView:
    return mount.view.as_view(page=mount.node) if mount.view is not None else _first_tab(mount.node)


def _redirect_to(target: RoutePath) -> PageView:
    def redirect(request: HttpRequest, **parameters: str) -> HttpResponse:
        return _redirect(request, target.build(parameters))

    return redirect


def _first_tab(node: Node) -> PageView:
    """Return the view of a page that consists of tabs: it leads to the first that is there for the person who asks."""

    def first_tab(request: HttpRequest, **parameters: str) -> HttpResponse:
        for tab in node.children("pages"):
            if is_enabled(tab, request):
                return _redirect(request, _path_of(tab).build(parameters))
        raise Http404(f"None of the tabs of '{node.id}' is available to you.")

    return first_tab


def _first_page(request: HttpRequest) -> HttpResponse:
    """Lead from ``/`` to the first page of the navigation, where no page claims it."""
    for item in nav_items(request):
        return _redirect(request, item.url)
    raise Http404("No plugin with a page is installed.")


def _without_pages(request: HttpRequest, **parameters: str) -> HttpResponse:
    """Answer in the place of every page where ``app.extensions`` has left no place for pages."""
    found = [problem.msg for problem in missing_trunk(get_tree())]
    return render(request, "errors/startup.html", {"problems": found}, status=503)


def _path_of(node: Node) -> RoutePath:
    path: RoutePath = getattr(node.extension, "route_path")  # noqa: B009 (only pages and tabs get here)
    return path


def _redirect(request: HttpRequest, url: str) -> HttpResponse:
    query = request.META.get("QUERY_STRING", "")
    return HttpResponseRedirect(f"{url}?{query}" if query else url)
