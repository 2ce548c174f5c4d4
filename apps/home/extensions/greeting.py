"""Widgets that people choose for the top of their page: a welcome, and what time it is elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_noop

from portal.extensions import HomeWidget, Media, PageContext

_ZONE = {"type": "string", "pattern": r"^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$", "maxLength": 60}
_HOURS = {"title": gettext_noop("Hours"), "enum": ["24", "12"], "default": "24"}
_CLOCK = {
    "type": "object",
    "properties": {"label": {"type": "string", "minLength": 1}, "timeZone": _ZONE},
    "required": ["label", "timeZone"],
    "additionalProperties": False,
}


class WelcomeTitleWidget(HomeWidget):
    """Welcomes people by the name that they signed in with."""

    name = "welcome-title"
    title = gettext_noop("Welcome")
    description = gettext_noop("A line that welcomes you.")
    icon = "hand"
    width = 12
    shown = False
    plain: ClassVar[bool] = True
    template_name = "home/widgets/welcome_title.html"


@dataclass(frozen=True, slots=True)
class Clock:
    """What time it is somewhere; ``now`` is None if there is no such time zone."""

    label: str
    zone: str
    hours: str
    now: datetime | None

    @property
    def time(self) -> str:
        """The time in words: ``14:05`` or ``2:05 p.m.``"""
        return date_format(self.now, "P" if self.hours == "12" else "H:i") if self.now else ""

    @property
    def day(self) -> str:
        """The day of the week, which may be another one there."""
        return date_format(self.now, "D") if self.now else ""


class WorldClockWidget(HomeWidget):
    """Clocks of several time zones: those of the configuration, or those that people choose.

    They go on by a script; without it they show when the page was made.
    """

    name = "world-clock"
    title = gettext_noop("World clock")
    description = gettext_noop("What time it is elsewhere.")
    icon = "clock"
    shown = False
    template_name = "home/widgets/world_clock.html"
    media = Media(js=["home/clocks.js"])
    config_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "clocks": {"type": "array", "items": _CLOCK, "default": []},
        "hours": _HOURS,
    }
    settings_schema: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "timeZones": {
            "type": "array",
            "title": gettext_noop("Time zones"),
            "description": gettext_noop("One a line, such as Europe/Stockholm or America/New_York."),
            "items": _ZONE,
            "maxItems": 12,
            "default": [],
        },
        "hours": _HOURS,
    }

    def doubts(self) -> Iterable[str]:
        """Return which time zones there aren't."""
        for clock in self.config["clocks"]:
            if _now_in(clock["timeZone"]) is None:
                yield f"the clock '{clock['label']}' has the time zone '{clock['timeZone']}', which there isn't"

    def context(self, page: PageContext) -> dict[str, Any]:
        """Return the clocks."""
        settings = page.get("settings", {})
        chosen = [(zone.rpartition("/")[2].replace("_", " "), zone) for zone in settings.get("timeZones", ())]
        configured = [(clock["label"], clock["timeZone"]) for clock in self.config["clocks"]]
        hours = settings.get("hours", self.config["hours"])
        return {"clocks": [Clock(label, zone, hours, _now_in(zone)) for label, zone in chosen or configured]}


def _now_in(zone: str) -> datetime | None:
    try:
        return timezone.localtime(timezone.now(), ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        # A folder of time zones, such as Europe, is an error of the system's.
        return None
