"""The themes and who chose which."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from django.http import HttpRequest

from portal.extensions import ApiRef
from portal.shell.cookies import THEME_COOKIE

#: Leaves the choice between light and dark to the system.
AUTO = "auto"


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
