"""The core's room ``conf``: brings in the keys that its rooms declare beside their code."""

from portal.integrations.conf import IntegrationsConf
from portal.services.events.conf import EventsServiceConf
from portal.services.health.conf import HealthConf
from portal.services.lifecycle.conf import LifecycleConf, StartupConf

__all__ = ["EventsServiceConf", "HealthConf", "IntegrationsConf", "LifecycleConf", "StartupConf"]
