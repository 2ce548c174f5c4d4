"""The core's utility APIs, with Backstage's ids. Each is replaced by an extension of the same id in a module of the
core.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import ClassVar

from django.utils.translation import get_language_info

from portal.clients.catalog import CatalogClient, catalog_api
from portal.extensions import AnalyticsImplementation, Api, Input, PluginHeaderAction, PluginWrapper
from portal.extensions.base import ConfigSchema
from portal.extensions.flags import FeatureFlagsApi, feature_flags_api
from portal.extensions.language import AppLanguageApi, app_language_api
from portal.extensions.presentation import ModelPresentation
from portal.extensions.utility import (
    AnalyticsApi,
    ConfigApi,
    EntityPresentationApi,
    ErrorApi,
    IdentityApi,
    PermissionApi,
    ToastApi,
    alert_api,
    analytics_api,
    config_api,
    entity_presentation_api,
    error_api,
    identity_api,
    permission_api,
    toast_api,
)
from portal.shell import apis
from portal.shell.language import ConfiguredLanguages


class ConfigExtension(Api):
    """Reads ``app-config.yaml``."""

    name = "config"
    ref = config_api

    def create(self) -> ConfigApi:
        """Return the configuration of the process."""
        return apis.CurrentConfig()


class IdentityExtension(Api):
    """Knows who is asking."""

    name = "identity"
    ref = identity_api

    def create(self) -> IdentityApi:
        """Return the identity of requests' credentials."""
        return apis.RequestIdentity()


class PermissionExtension(Api):
    """Knows what whoever asks may do."""

    name = "permission"
    ref = permission_api

    def create(self) -> PermissionApi:
        """Return what the permissions service decides."""
        return apis.ServicePermissions()


class ErrorExtension(Api):
    """Takes errors that a page can go on without."""

    name = "error"
    ref = error_api

    def create(self) -> ErrorApi:
        """Return one that logs errors and shows them as toasts."""
        return apis.LoggedErrors()


class ToastExtension(Api):
    """Shows short messages."""

    name = "toast"
    ref = toast_api

    def create(self) -> ToastApi:
        """Return one that keeps messages until the next page shows them."""
        return apis.StoredToasts()


class AlertApiExtension(Api):
    """Shows short messages under the name that older plugins know; they become toasts."""

    name = "alert"
    ref = alert_api

    def create(self) -> ToastApi:
        """Return one that hands messages on to the toasts."""
        return apis.ForwardedAlerts()


class FeatureFlagsExtension(Api):
    """Keeps which feature flags somebody has switched on, in a cookie of their browser."""

    name = "feature-flags"
    ref = feature_flags_api

    def create(self) -> FeatureFlagsApi:
        """Return the flags of the cookie."""
        return apis.CookieFlags()


class AnalyticsExtension(Api):
    """Hands what people do to the attached implementations. There is none at first, and pages report nothing then."""

    name = "analytics"
    ref = analytics_api
    inputs = {
        "implementations": Input(AnalyticsImplementation, help="Who is told what people do; each is told everything.")
    }

    def create(self) -> AnalyticsApi:
        """Return the attached implementations as one."""
        return apis.AttachedAnalytics(self.node)


class LanguageExtension(Api):
    """The languages of the interface: those of ``availableLanguages``, English and German unless configured.

    ``defaultLanguage`` is for those who have chosen none; without it, what their browser asks for decides.
    """

    name = "app-language"
    ref = app_language_api
    config_schema: ClassVar[ConfigSchema] = {
        "availableLanguages": {
            "type": "array",
            "items": {"type": "string", "minLength": 2},
            "minItems": 1,
            "default": ["en", "de"],
        },
        "defaultLanguage": {"type": "string"},
    }

    @cached_property
    def _available(self) -> list[str]:
        return [code.lower() for code in self.config["availableLanguages"]]

    def create(self) -> AppLanguageApi:
        """Return the configured languages."""
        return ConfiguredLanguages(self._available, self.config.get("defaultLanguage"))

    def faults(self) -> Iterable[str]:
        """Return what is wrong with the languages."""
        yield from super().faults()
        for code in self._available:
            try:
                get_language_info(code)
            except KeyError:
                yield f"there is no language {code!r} in availableLanguages"
        default = self.config.get("defaultLanguage")
        if default is not None and default.lower() not in self._available:
            yield f"its defaultLanguage is {default!r}, which isn't among the availableLanguages"


class PluginHeaderActions(Api):
    """Holds what plugins show beside the titles of their pages."""

    name = "plugin-header-actions"
    ref = apis.plugin_header_actions_api
    inputs = {"actions": Input(PluginHeaderAction, help="Beside the title of every page of the action's plugin.")}

    def create(self) -> apis.Attached:
        """Return the attached actions."""
        return apis.Attached(self.node, "actions")


class PluginWrappers(Api):
    """Holds what plugins put around their pages."""

    name = "plugin-wrapper"
    ref = apis.plugin_wrapper_api
    inputs = {"wrappers": Input(PluginWrapper, help="Around every page of the wrapper's plugin, the first outermost.")}

    def create(self) -> apis.Attached:
        """Return the attached wrappers."""
        return apis.Attached(self.node, "wrappers")


class CatalogClientExtension(Api):
    """Asks the catalog, wherever it runs; ``portal.clients.catalog`` is whatever is provided here."""

    namespace = "catalog"
    ref = catalog_api

    def create(self) -> CatalogClient:
        """Return the client."""
        return CatalogClient()


class EntityPresentationExtension(Api):
    """Knows how entities are shown wherever they are named."""

    namespace = "catalog"
    name = "entity-presentation"
    ref = entity_presentation_api

    def create(self) -> EntityPresentationApi:
        """Return the rules of the catalog's model."""
        return ModelPresentation()
