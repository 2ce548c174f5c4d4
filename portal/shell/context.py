"""What every template knows about the shell, as ``shell``."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.translation import get_language, get_language_bidi, gettext_noop

from portal.entities import EntityRef, parse_ref
from portal.errors import ConfigError, InputError
from portal.extensions import ask_api
from portal.extensions.components import component_template
from portal.extensions.identity import identity_of
from portal.extensions.language import Language, app_language_api
from portal.extensions.presentation import present
from portal.extensions.utility import ConfigApi, analytics_api, config_api
from portal.shell.cookies import SIDEBAR_COOKIE
from portal.shell.support import support
from portal.shell.themes import AUTO, ThemeChoice, app_theme_api


def shell(request: HttpRequest) -> dict[str, Any]:
    """Return ``{"shell": Shell}``; a context processor. Templates of extensions ask for it too, so it is made once."""
    made = getattr(request, "_portal_shell", None)
    if made is None:
        made = request._portal_shell = Shell(request)  # type: ignore[attr-defined]
    return {"shell": made}


class Shell:
    """The portal's name, the theme, and who is signed in. Nothing is looked up before a template asks for it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @cached_property
    def title(self) -> str:
        """The portal's name: ``app.title``."""
        return _configured("app.title", "Greenroom")

    @cached_property
    def organization(self) -> str:
        """The organisation's name, or an empty text."""
        return _configured("organization.name", "")

    @cached_property
    def themes(self) -> list[ThemeChoice]:
        """The choices of the theme switch: what the system says, then the installed themes."""
        installed = ask_api(app_theme_api, lambda api: api.choices(), None)
        return [] if installed is None else [ThemeChoice(AUTO, gettext_noop("Automatic"), "monitor"), *installed]

    @cached_property
    def theme(self) -> str:
        """The name of the chosen theme, or ``auto``."""
        return ask_api(app_theme_api, lambda api: api.chosen(self._request), AUTO)

    @cached_property
    def languages(self) -> list[Language]:
        """The languages that people can choose from; none if there is no choice."""
        found = ask_api(app_language_api, lambda api: api.available(), None)
        return found if found and len(found) > 1 else []

    @cached_property
    def language(self) -> str:
        """The code of the language that the page is in."""
        return get_language() or "en"

    @cached_property
    def text_direction(self) -> str:
        """``rtl`` for languages that are written from right to left, else ``ltr``."""
        return "rtl" if get_language_bidi() else "ltr"

    @cached_property
    def sidebar(self) -> str:
        """``collapsed`` or ``pinned``."""
        return "collapsed" if self._request.COOKIES.get(SIDEBAR_COOKIE) == "collapsed" else "pinned"

    @cached_property
    def support_url(self) -> str:
        """Where people find help; empty if nobody says."""
        return support().url

    @cached_property
    def page_layout(self) -> str:
        """The template that ``page.html`` is made from: a module of the core may bring another one."""
        return component_template("core-page-layout")

    @cached_property
    def is_analysed(self) -> bool:
        """Whether anybody wants to know what people do."""
        return ask_api(analytics_api, lambda api: api.is_heard, otherwise=False)

    @cached_property
    def user(self) -> EntityRef | None:
        """The ref of the person who is signed in."""
        identity = identity_of(self._request)
        if identity is None:
            return None
        try:
            return parse_ref(identity.user_entity_ref, default_kind="user")
        except InputError:
            return None

    @cached_property
    def user_name(self) -> str:
        """What the person is called, without asking the catalog: their ref in short, ``jane``."""
        return present(self.user, default_kind="user").primary_title if self.user is not None else ""

    @property
    def path(self) -> str:
        """Where the person is, to come back to after a form of the shell."""
        return self._request.get_full_path()


def _configured(path: str, default: str) -> str:
    """Return a text of the configuration. One of a wrong type, which the checks name, is no reason to show no page."""

    def read(api: ConfigApi) -> object:
        try:
            return api.get(path)
        except ConfigError:
            # The checks name it.
            return None

    value = ask_api(config_api, read, None)
    return value if isinstance(value, str) else default
