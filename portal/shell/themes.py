"""The themes and who chose which."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from django.http import HttpRequest

from portal.extensions import ApiRef

#: Read here and written by ``static/portal/theme.js``, so that a page comes in the right colours from the start.
THEME_COOKIE = "portal_theme"
#: Leaves the choice between light and dark to the system.
AUTO = "auto"
YEAR = 365 * 24 * 60 * 60


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """A theme as people see it in the switch."""

    name: str
    title: str
    icon: str


class AppThemeApi(ABC):
    """Knows the themes. Provided by ``api:app/app-theme``, into which themes are attached."""

    @abstractmethod
    def choices(self) -> list[ThemeChoice]:
        """Return the installed themes, in order."""

    def chosen(self, request: HttpRequest) -> str:
        """Return the name of the theme that the person chose, or ``auto``."""
        asked = request.COOKIES.get(THEME_COOKIE, AUTO)
        return asked if any(asked == choice.name for choice in self.choices()) else AUTO


app_theme_api: ApiRef[AppThemeApi] = ApiRef("core.apptheme", AppThemeApi)
