"""The scheduler service: functions that run at intervals, by cron, or on demand."""

from portal.services.scheduler.base import PluginScheduler, SchedulerService, Scope, TaskFunction
from portal.services.scheduler.clock import Clock, SystemClock
from portal.services.scheduler.database import DatabaseScheduler
from portal.services.scheduler.embedded import start_embedded_worker
from portal.services.scheduler.runs import Run, RunStopped, StopReason, current_run
from portal.services.scheduler.settings import read_schedule
from portal.services.scheduler.worker import Worker

__all__ = [
    "Clock",
    "DatabaseScheduler",
    "PluginScheduler",
    "Run",
    "RunStopped",
    "SchedulerService",
    "Scope",
    "StopReason",
    "SystemClock",
    "TaskFunction",
    "Worker",
    "current_run",
    "read_schedule",
    "start_embedded_worker",
]
