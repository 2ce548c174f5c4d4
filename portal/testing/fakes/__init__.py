"""Core services that a test has in its hand: ``services["cache"] = FakeCache()``, or the fixtures ``fake_…``."""

from portal.testing.fakes.cache import FakeCache
from portal.testing.fakes.logger import FakeLogger, LogLine
from portal.testing.fakes.permissions import FakePermissions
from portal.testing.fakes.scheduler import FakeScheduler
from portal.testing.fakes.url_reader import FakeUrlReader

__all__ = ["FakeCache", "FakeLogger", "FakePermissions", "FakeScheduler", "FakeUrlReader", "LogLine"]
