"""The core's room ``conf``: brings in the keys that services declare beside their code."""

from portal.services.health.conf import HealthConf
from portal.services.lifecycle.conf import LifecycleConf, StartupConf

__all__ = ["HealthConf", "LifecycleConf", "StartupConf"]
