"""The shell's own views: signing in and out, and choosing a theme."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.credentials import NOBODY, Credentials
from portal.errors import InputError, NotAllowedError
from portal.extensions import PageContext, get_api, get_tree
from portal.http.access import public
from portal.services import auth, http_auth
from portal.shell.themes import AUTO, THEME_COOKIE, YEAR, app_theme_api


@public
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Show the sign-in page; a POST enters as the guest, where guests are let in."""
    destination = _destination(request)
    credentials: Credentials = getattr(request, "credentials", NOBODY)
    if request.method == "POST":
        guest = auth.guest()
        if guest is None:
            raise NotAllowedError("Guests aren't let in here. Sign in with an account.")
        http_auth.sign_in(request, guest)
        return HttpResponseRedirect(destination)
    if credentials.is_user:
        return HttpResponseRedirect(destination)
    root = get_tree().get("app/root")
    values = {"next": destination, "guest": auth.guest()}
    return render(
        request,
        "portal/pages/sign_in.html",
        {
            "page_title": "Sign in",
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
    known = [AUTO, *(choice.name for choice in get_api(app_theme_api).choices())]
    if theme not in known:
        raise InputError(f"There is no theme '{theme}'; the themes are: {', '.join(known)}.")
    response = HttpResponseRedirect(_destination(request))
    response.set_cookie(THEME_COOKIE, theme, max_age=YEAR, samesite="Lax", secure=request.is_secure())
    return response


def _destination(request: HttpRequest) -> str:
    """Return where ``next`` leads, if that is in this portal, else the front page."""
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None, require_https=request.is_secure())
    return wanted if safe else "/"
