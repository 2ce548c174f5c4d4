"""What ``manage.py check`` says about a portal: ``portal.E1xx``, explained one by one in ``docs/reference/checks.md``.

Other rooms of the core bring checks beside their code: the extension tree ``portal.E2xx``, core services
``portal.E3xx``. This room sees to it that they run.
"""

from portal.checks.configuration import check_configuration, log_doubtful_keys
from portal.checks.databases import check_relations
from portal.checks.extensions import check_tree
from portal.checks.module_routes import check_module_routes
from portal.checks.plugins import check_modules, check_plugins, check_rooms
from portal.checks.services import check_services

__all__ = [
    "check_configuration",
    "check_module_routes",
    "check_modules",
    "check_plugins",
    "check_relations",
    "check_rooms",
    "check_services",
    "check_tree",
    "log_doubtful_keys",
]
