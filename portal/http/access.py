"""Who may call a view at all. Every view is closed unless it says otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from portal.services.http_auth.base import AuthPolicy

DEFAULT_POLICY: AuthPolicy = "user-or-service"
#: Views of these packages bring their own log-in.
SELF_GUARDED = ("django.contrib.admin", "django.contrib.auth")
OPEN = ("django.views.static", "django.contrib.staticfiles", "django.views.i18n")

V = TypeVar("V", bound=Callable[..., Any])


def public(view: V) -> V:
    """Open a view to everybody, as in sign-in pages and health checks; a decorator."""
    view.auth_policy = "unauthenticated"  # type: ignore[attr-defined]
    return view


def policy_of(view: Callable[..., Any]) -> AuthPolicy:
    """Return the policy of a resolved view: its ``auth_policy``, or its class's, else the closed default."""
    for candidate in (view, getattr(view, "cls", None), getattr(view, "view_class", None)):
        policy: AuthPolicy | None = getattr(candidate, "auth_policy", None)
        if policy:
            return policy
    admin_site = getattr(view, "admin_site", None) or getattr(view, "model_admin", None)
    if admin_site is not None or view.__module__.startswith((*SELF_GUARDED, *OPEN)):
        return "unauthenticated"
    return DEFAULT_POLICY
