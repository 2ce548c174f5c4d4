"""What every plugin and every module keeps to, as tests: ``PluginConformance``, ``ModuleConformance``."""

from __future__ import annotations

from portal.testing.conformance.api import ApiRules
from portal.testing.conformance.data import DataRules
from portal.testing.conformance.files import FileRules
from portal.testing.conformance.interface import InterfaceRules
from portal.testing.conformance.modules import ModuleConformance


class PluginConformance(FileRules, DataRules, ApiRules, InterfaceRules):
    """The tests that every plugin passes. Subclass it in the plugin's own tests::

        class TestPagerDuty(PluginConformance):
            plugin = "portal_pagerduty"

    What only the plugin knows it states in ``own_rooms``, ``page_parameters`` and ``values_for``. What a page needs in
    the database comes from a fixture of the subclass, ``autouse``.
    """


__all__ = ["ApiRules", "DataRules", "FileRules", "InterfaceRules", "ModuleConformance", "PluginConformance"]
