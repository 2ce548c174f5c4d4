"""A module that adds what a test says to the extension points of the modules for organisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.conf import settings
from django.test import override_settings

from tests.catalog.modules.organization_transforms.apps import OrganizationTransformsModule


@contextmanager
def transforming(point: type, extend: Callable[[Any], None]) -> Iterator[None]:
    """Install the module, and have it add to an extension point."""
    with (
        mock.patch.object(OrganizationTransformsModule, "additions", {point: extend}),
        override_settings(INSTALLED_APPS=[*settings.INSTALLED_APPS, __name__]),
    ):
        yield
