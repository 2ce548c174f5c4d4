"""The tasks service: work that is done later, by a worker, and isn't lost with one."""

from portal.services.tasks.base import PluginTasks, TasksService, TaskStatus
from portal.services.tasks.durable import DurableTasks
from portal.services.tasks.huey_engine import HueyTasks
from portal.services.tasks.immediate import ImmediateTasks

__all__ = ["DurableTasks", "HueyTasks", "ImmediateTasks", "PluginTasks", "TaskStatus", "TasksService"]
