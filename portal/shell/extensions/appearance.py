"""What the interface looks and reads like: themes, words, icons, and the parts that can be swapped."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from django.utils.translation import gettext_noop

from portal.extensions import Api, IconBundle, Input, SwappableComponent, Theme, Translation
from portal.extensions.components import COMPONENTS
from portal.extensions.icons import IconsApi, icons_api
from portal.extensions.language import TranslationsApi, translations_api
from portal.extensions.tree import Node
from portal.extensions.utility import ComponentsApi, components_api
from portal.shell.themes import AppThemeApi, ThemeChoice, app_theme_api

# --- Themes ---


class AppTheme(Api):
    """The themes that people can choose from."""

    name = "app-theme"
    ref = app_theme_api
    inputs = {
        "themes": Input(Theme, internal=True, replaces=(("app", "themes"),), help="Themes, in the order of the switch.")
    }

    def create(self) -> AppThemeApi:
        """Return the attached themes."""
        return _AttachedThemes(self.node)


class _AttachedThemes(AppThemeApi):
    def __init__(self, node: Node) -> None:
        self._node = node

    def choices(self) -> list[ThemeChoice]:
        """Return them in order."""
        themes = (node.extension for node in self._node.children("themes"))
        return [ThemeChoice(theme.name or "", theme.title, theme.icon) for theme in themes if isinstance(theme, Theme)]


class LightTheme(Theme):
    """Dark on light."""

    name = "light"
    title = gettext_noop("Light")
    variant = "light"
    icon = "sun"


class DarkTheme(Theme):
    """Light on dark."""

    name = "dark"
    title = gettext_noop("Dark")
    variant = "dark"
    icon = "moon"


# --- Words ---


class Translations(Api):
    """The words that extensions bring, which win over those of apps' catalogues."""

    name = "translations"
    ref = translations_api
    inputs = {"translations": Input(Translation, help="Words, by language; the first to translate a message wins.")}

    def create(self) -> TranslationsApi:
        """Return the attached translations."""
        return _AttachedTranslations(self.node)


class _AttachedTranslations(TranslationsApi):
    def __init__(self, node: Node) -> None:
        self._node = node

    @cached_property
    def _by_language(self) -> Mapping[str, Mapping[str, str]]:
        merged: dict[str, dict[str, str]] = {}
        for node in self._node.children("translations"):
            if isinstance(node.extension, Translation):
                for language, messages in node.extension.messages.items():
                    words = merged.setdefault(language.lower(), {})
                    words.update({message: text for message, text in messages.items() if message not in words})
        return merged

    def messages(self, language: str) -> Mapping[str, str]:
        """Return the words of a language."""
        return self._by_language.get(language.lower(), {})


class ConfiguredMessages(Translation):
    """Words that ``app-config.yaml`` states: ``{messages: {en: {Settings: Preferences}}}``."""

    name = "configured"
    disabled = True


# --- Icons ---


class Icons(Api):
    """The icons of bundles."""

    name = "icons"
    ref = icons_api
    inputs = {"icons": Input(IconBundle, help="Bundles of icons; the first to have a name wins.")}

    def create(self) -> IconsApi:
        """Return the attached bundles."""
        return _AttachedIcons(self.node)


class _AttachedIcons(IconsApi):
    def __init__(self, node: Node) -> None:
        self._node = node

    @cached_property
    def _icons(self) -> Mapping[str, str]:
        bundles = (node.extension for node in self._node.children("icons"))
        merged: dict[str, str] = {}
        for bundle in bundles:
            if isinstance(bundle, IconBundle):
                merged = {**bundle.icons, **merged}
        return merged

    def names(self) -> list[str]:
        """Return the names of all bundles."""
        return list(self._icons)

    def resolve(self, name: str) -> str:
        """Return what the first bundle that has the name says."""
        return self._icons.get(name, name)


# --- Parts that can be swapped ---


class Components(Api):
    """The parts that a module of the core may draw another way."""

    name = "swappable-components"
    ref = components_api
    inputs = {"components": Input(SwappableComponent, internal=True, help="Parts of the portal's own, by name.")}

    def create(self) -> ComponentsApi:
        """Return the attached components."""
        return _AttachedComponents(self.node)


class _AttachedComponents(ComponentsApi):
    def __init__(self, node: Node) -> None:
        self._node = node

    @cached_property
    def _templates(self) -> Mapping[str, str]:
        parts = (node.extension for node in self._node.children("components"))
        return {part.name: part.template_name for part in parts if part.name and part.template_name}

    def template_of(self, name: str) -> str:
        """Return the template of a component."""
        try:
            return self._templates[name]
        except KeyError:
            known = ", ".join(self._templates) or "none"
            raise LookupError(f"there is no component '{name}'; there are: {known}") from None


class Progress(SwappableComponent):
    """What stands in for something that is still being fetched. Its template gets ``label``."""

    name = "core-progress"
    template_name = COMPONENTS[name]


class NotFoundErrorPage(SwappableComponent):
    """What stands on the page of an address where there is nothing. Its template gets ``title`` and ``message``."""

    name = "core-not-found-error-page"
    template_name = COMPONENTS[name]


class ErrorDisplay(SwappableComponent):
    """What stands in the place of an extension that failed. Its template gets ``extension`` and ``error``."""

    name = "core-error-display"
    template_name = COMPONENTS[name]


class PageLayout(SwappableComponent):
    """The arrangement of every page that extends ``page.html``; its template has the blocks of the default one."""

    name = "core-page-layout"
    template_name = COMPONENTS[name]
