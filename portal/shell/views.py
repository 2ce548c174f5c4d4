"""The shell's own views: signing in and out, what a browser is to remember, the list of keys, and analytics."""

from __future__ import annotations

import re

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.credentials import credentials_of
from portal.errors import InputError, NotAllowedError
from portal.extensions import PageContext, get_api, get_tree
from portal.extensions.analytics import AnalyticsEvent
from portal.extensions.appwide import ANNOUNCEMENTS_COOKIE
from portal.extensions.utility import analytics_api
from portal.http.access import public
from portal.routes.nav import nav_items
from portal.services import auth, http_auth
from portal.shell.context import Shell
from portal.shell.cookies import LANGUAGE_COOKIE, SIDEBAR_COOKIE, THEME_COOKIE, remember

#: The key of an announcement, and how many a browser is to remember.
_KEY = re.compile(r"[0-9a-f]{12}")
MOST_ANNOUNCEMENTS = 20


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page; a POST enters as the guest, where guests are let in."""
    destination = _destination(request)
    if request.method == "POST":
        guest = auth.guest()
        if guest is None:
            raise NotAllowedError("Guests aren't let in here. Sign in with an account.")
        http_auth.sign_in(request, guest)
        return HttpResponseRedirect(destination)
    if credentials_of(request).is_user:
        return HttpResponseRedirect(destination)
    root = get_tree().get("app/root")
    values = {"next": destination, "guest": auth.guest()}
    return render(
        request,
        "portal/pages/sign_in.html",
        {
            "page_title": gettext("Sign in"),
            "page": PageContext(request, None, values),
            "sign_in_page": root.child("signInPage") if root is not None else None,
            **values,
        },
    )


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Forget the person and show the sign-in page."""
    http_auth.sign_out(request)
    return HttpResponseRedirect("/sign-in")


@public
@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """Lead to the portal's icon: browsers look here for pages that name none, such as the admin's and JSON."""
    return HttpResponseRedirect(static("portal/logo.svg"))


@public
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme that ``theme`` names and return to where the person was; what browsers without scripts use."""
    theme = request.POST.get("theme", "")
    known = [choice.name for choice in Shell(request).themes]
    if theme not in known:
        raise InputError(f"There is no theme '{theme}'; the themes are: {', '.join(known) or 'none'}.")
    response = HttpResponseRedirect(_destination(request))
    remember(request, response, THEME_COOKIE, theme)
    return response


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the language that ``language`` names and return to where the person was."""
    language = request.POST.get("language", "").lower()
    known = [choice.code for choice in Shell(request).languages]
    if language not in known:
        raise InputError(f"There is no language '{language}'; the languages are: {', '.join(known) or 'none'}.")
    response = HttpResponseRedirect(_destination(request))
    remember(request, response, LANGUAGE_COOKIE, language)
    return response


@public
@require_POST
def choose_sidebar(request: HttpRequest) -> HttpResponse:
    """Remember whether the sidebar is ``collapsed`` or ``pinned``, and return to where the person was."""
    state = request.POST.get("sidebar", "")
    if state not in {"collapsed", "pinned"}:
        raise InputError(f"The sidebar can be 'collapsed' or 'pinned', not '{state}'.")
    response = HttpResponseRedirect(_destination(request))
    remember(request, response, SIDEBAR_COOKIE, state)
    return response


@public
@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """Remember that the person has read the announcement of key ``announcement``, and return to where they were."""
    key = request.POST.get("announcement", "")
    if not _KEY.fullmatch(key):
        raise InputError("The announcement to put away isn't named by its key.")
    away = [other for other in request.COOKIES.get(ANNOUNCEMENTS_COOKIE, "").split(".") if _KEY.fullmatch(other)]
    response = HttpResponseRedirect(_destination(request))
    remember(request, response, ANNOUNCEMENTS_COOKIE, ".".join([*away, key][-MOST_ANNOUNCEMENTS:]))
    return response


@require_safe
def shortcuts(request: HttpRequest) -> HttpResponse:
    """List the keys: a page, or what goes into the dialog for a script that asks with ``?part``."""
    template = "portal/shell/_shortcuts.html" if "part" in request.GET else "portal/pages/shortcuts.html"
    title = gettext("Keyboard shortcuts")
    return render(
        request, template, {"page_title": title, "page": PageContext(request), "nav": list(nav_items(request))}
    )


@require_POST
def capture(request: HttpRequest) -> HttpResponse:
    """Hand an event to analytics: ``{"action", "subject", "value"?, "attributes"?, "context"?}`` as JSON."""
    if Shell(request).is_analysed:
        credentials = credentials_of(request)
        event = _event(request.body, credentials.principal.subject if credentials.is_user else "")
        get_api(analytics_api).capture(event)
    return HttpResponse(status=204)


def _event(body: bytes, user: str) -> AnalyticsEvent:
    """Read an event. Raises ``InputError`` for what isn't one."""
    try:
        given = orjson.loads(body)
    except orjson.JSONDecodeError:
        given = None
    if not isinstance(given, dict) or not all(isinstance(given.get(key), str) for key in ("action", "subject")):
        raise InputError("An event is a JSON object with the texts 'action' and 'subject'.")
    attributes, context, value = given.get("attributes") or {}, given.get("context") or {}, given.get("value")
    if not isinstance(attributes, dict) or not isinstance(context, dict):
        raise InputError("An event's 'attributes' and 'context' are objects.")
    if value is not None and not isinstance(value, int | float):
        raise InputError("An event's 'value' is a number.")
    texts = {str(key): str(text) for key, text in context.items()}
    return AnalyticsEvent(given["action"], given["subject"], value, attributes, texts, user)


def _destination(request: HttpRequest) -> str:
    """Return where ``next`` leads, if that is in this portal, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if safe else "/"
