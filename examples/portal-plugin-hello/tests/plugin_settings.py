"""The portal's settings with this plugin in them, as a developer runs it."""

import os

os.environ["PORTAL_PLUGINS"] = "portal_hello"
os.environ["PORTAL_ENV"] = "development"

from portal.settings import *  # noqa: F403
