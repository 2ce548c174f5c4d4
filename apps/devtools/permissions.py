"""The permissions that the plugin owns; names are Backstage's."""

from __future__ import annotations

from portal.permissions import Permission

ADMINISTER = Permission("devtools.administer", "read")
INFO_READ = Permission("devtools.info", "read")
CONFIG_READ = Permission("devtools.config", "read")
EXTERNAL_DEPENDENCIES_READ = Permission("devtools.external-dependencies", "read")
SCHEDULER_READ = Permission("devtools.scheduler.read", "read")
TASK_SCHEDULER_CREATE = Permission("devtools.task-scheduler", "create")
