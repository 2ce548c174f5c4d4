"""What the core's utility APIs do. They are provided by the extensions in ``portal.shell.extensions.apis``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from portal.config import current
from portal.credentials import UserPrincipal, credentials_of
from portal.errors import PortalError
from portal.extensions import AnalyticsEvent, AnalyticsImplementation, ApiRef, FeatureFlag
from portal.extensions.discovery import declared_flags
from portal.extensions.failures import log_failure
from portal.extensions.flags import FeatureFlagsApi
from portal.extensions.toasts import show_toast
from portal.extensions.tree import Node
from portal.extensions.utility import (
    AnalyticsApi,
    ConfigApi,
    ErrorApi,
    Identity,
    IdentityApi,
    PermissionApi,
    Severity,
    ToastApi,
)
from portal.permissions import Permission
from portal.permissions.decisions import Result
from portal.services import logger, permissions
from portal.shell.cookies import YEAR

#: The feature flags that a person has switched on, names separated by commas.
FLAGS_COOKIE = "featureFlags"
_LEVELS = {"info": messages.INFO, "success": messages.SUCCESS, "warning": messages.WARNING, "error": messages.ERROR}


class CurrentConfig(ConfigApi):
    """The configuration of the process."""

    def get(self, path: str, default: Any = None) -> Any:
        """Return the value at a path."""
        return current().get(path, default)

    def has(self, path: str) -> bool:
        """Say whether there is one."""
        return current().has(path)


class RequestIdentity(IdentityApi):
    """Who the credentials of a request say."""

    def identity(self, request: HttpRequest) -> Identity | None:
        """Return the person, if one is asking."""
        principal = credentials_of(request).principal
        if not isinstance(principal, UserPrincipal):
            return None
        return Identity(principal.user_entity_ref, principal.ownership_refs)


class ServicePermissions(PermissionApi):
    """What the permissions service decides."""

    def is_allowed(self, request: HttpRequest, permission: Permission) -> bool:
        """Say whether it isn't a plain no."""
        return permissions.authorize(permission, credentials_of(request)).result is not Result.DENY


class LoggedErrors(ErrorApi):
    """Logs errors, and shows them as toasts."""

    def post(self, request: HttpRequest, error: Exception, *, hidden: bool = False) -> None:
        """Log it; what it says is for the person only if it was written for people."""
        log_failure(request, error)
        if not hidden:
            message = error.message if isinstance(error, PortalError) else gettext("Something didn't work.")
            show_toast(request, message, severity="error")


class StoredToasts(ToastApi):
    """Keeps messages in Django's storage until a page shows them."""

    def post(self, request: HttpRequest, message: str, *, severity: Severity = "info") -> None:
        """Keep it."""
        messages.add_message(request, _LEVELS[severity], message)


class ForwardedAlerts(ToastApi):
    """Hands messages on to whatever shows toasts."""

    def post(self, request: HttpRequest, message: str, *, severity: Severity = "info") -> None:
        """Hand it on."""
        show_toast(request, message, severity=severity)


class CookieFlags(FeatureFlagsApi):
    """Flags in a cookie: they are a browser's, not an account's."""

    def registered(self) -> list[FeatureFlag]:
        """Return the declared flags."""
        return declared_flags()[0]

    def active(self, request: HttpRequest) -> list[str]:
        """Return the flags of the cookie."""
        return sorted({name.strip() for name in request.COOKIES.get(FLAGS_COOKIE, "").split(",") if name.strip()})

    def save(self, response: HttpResponse, active: Iterable[str], *, secure: bool) -> None:
        """Set the cookie."""
        response.set_cookie(FLAGS_COOKIE, ",".join(sorted(active)), max_age=YEAR, samesite="Lax", secure=secure)


class AttachedAnalytics(AnalyticsApi):
    """All attached implementations as one."""

    def __init__(self, node: Node) -> None:
        self._node = node

    @property
    def is_heard(self) -> bool:
        """Whether an implementation is attached."""
        return bool(self._node.children("implementations"))

    def capture(self, event: AnalyticsEvent) -> None:
        """Tell each. What one raises is logged, and the others are told."""
        for node in self._node.children("implementations"):
            implementation = node.extension
            if not isinstance(implementation, AnalyticsImplementation):
                continue
            try:
                implementation.capture(event)
            except Exception as error:  # noqa: BLE001 - a plugin's code may raise anything, and nobody waits for it
                logger.for_plugin(node.plugin_id).error("Analytics failed", extension=node.id, exc_info=error)


class Attached:
    """What is attached to an input."""

    def __init__(self, node: Node, input_name: str) -> None:
        self._node = node
        self._input_name = input_name

    def nodes(self) -> tuple[Node, ...]:
        """Return the extensions, in order."""
        return self._node.children(self._input_name)


plugin_header_actions_api: ApiRef[Attached] = ApiRef("core.plugin-header-actions", Attached)
plugin_wrapper_api: ApiRef[Attached] = ApiRef("core.plugin-wrapper", Attached)
