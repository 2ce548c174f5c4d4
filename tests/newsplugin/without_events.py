"""The settings of a deployment that has no events plugin of its own."""

from portal.settings import *  # noqa: F403

INSTALLED_APPS = [app for app in INSTALLED_APPS if app != "apps.events"]  # noqa: F405
DATABASES.pop("events")  # noqa: F405
