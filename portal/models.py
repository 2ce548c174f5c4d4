"""Tables of the core that every plugin's database has: what it does on schedule, and what waits to be done.

The router lets these migrate everywhere; the services name the alias (``.using(alias)``). Rows bear the
plugin's id, because plugins may share one database.
"""

from __future__ import annotations

import uuid

from django.db import models


class ScheduledTask(models.Model):
    """A scheduled task that one worker at a time may run, and who runs it now.

    ``current_run_ticket`` is the lock: whoever writes a ticket where there was none has the run. The ticket
    is worthless once ``lease_expires_at`` has passed without being renewed (its worker died) or
    ``current_run_expires_at`` (it took too long).
    """

    plugin_id = models.CharField(max_length=64)
    task_id = models.CharField(max_length=255)
    settings = models.JSONField(help_text="Version, cadence, initial delay and time limit, as in Backstage's table.")
    next_run_start_at = models.DateTimeField(null=True, help_text="Null: only when it is triggered.")
    current_run_ticket = models.CharField(max_length=36, null=True)
    current_run_started_at = models.DateTimeField(null=True)
    current_run_expires_at = models.DateTimeField(null=True)
    lease_expires_at = models.DateTimeField(null=True)
    last_run_ended_at = models.DateTimeField(null=True)
    last_run_error = models.TextField(null=True, help_text="JSON with name and message; null after a success.")

    class Meta:
        db_table = "portal_scheduled_task"
        constraints = [
            models.UniqueConstraint(fields=["plugin_id", "task_id"], name="portal_scheduled_task_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin_id}:{self.task_id}"


class QueuedTask(models.Model):
    """A piece of work that was asked for: it is here from the request until it has succeeded.

    The row is the truth, an engine's message is only a nudge; so work that was lost with a worker is found
    again.
    """

    class State(models.TextChoices):
        """Where a piece of work is."""

        WAITING = "waiting"
        RUNNING = "running"
        FAILED = "failed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plugin_id = models.CharField(max_length=64)
    name = models.CharField(max_length=255, help_text="Which of the plugin's tasks.")
    payload = models.JSONField(help_text="The task's keyword arguments.")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0, help_text="How often it was begun.")
    created_at = models.DateTimeField()
    run_at = models.DateTimeField(help_text="Not before.")
    nudged_at = models.DateTimeField(null=True, help_text="When it was last handed to the engine.")
    lease_expires_at = models.DateTimeField(null=True, help_text="When a running one counts as lost.")
    ended_at = models.DateTimeField(null=True)
    error = models.TextField(null=True, help_text="JSON with name and message of the last attempt's error.")

    class Meta:
        db_table = "portal_queued_task"
        indexes = [
            models.Index(fields=["plugin_id", "state", "run_at"], name="portal_queued_task_due"),
        ]

    def __str__(self) -> str:
        return f"{self.plugin_id}:{self.name} {self.id}"
