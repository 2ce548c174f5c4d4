"""Where the reading of each source stands: one row for a provider, its steps, and what they have seen.

The tables live in the catalog's database, so that a step and the entities that it brings are one transaction.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.utils import timezone

#: Said here as well, since these models may be imported where the module isn't installed; Django would then take them
#: for the catalog's own.
LABEL = "catalog_incremental"


class Status(models.TextChoices):
    """What a provider does: it reads its source, or rests until it reads it anew."""

    INGESTING = "ingesting"
    RESTING = "resting"


class Ingestion(models.Model):
    """Where a provider stands. Whoever takes a step moves ``sequence`` on, and so finds out if somebody else did."""

    provider = models.CharField(max_length=255, unique=True)
    number = models.PositiveBigIntegerField(
        default=0, help_text="How often the source has been read, this time included"
    )
    status = models.CharField(max_length=16, choices=Status, default=Status.RESTING)
    sequence = models.PositiveBigIntegerField(default=0, help_text="How many steps have been taken this time")
    entities_before = models.PositiveBigIntegerField(default=0, help_text="How many entities there were at the start")
    next_action_at = models.DateTimeField(default=timezone.now, help_text="When to go on")
    errors_in_a_row = models.PositiveIntegerField(default=0)
    last_error = models.TextField(blank=True, default="", help_text="What went wrong last; empty if nothing has since")
    completed_at = models.DateTimeField(null=True, blank=True, help_text="When the source was last read to its end")

    objects: ClassVar[models.Manager[Ingestion]] = models.Manager()

    class Meta:
        app_label = LABEL
        verbose_name = "ingestion"

    def __str__(self) -> str:
        return f"{self.provider} ({self.status})"


class Mark(models.Model):
    """A step that was taken, and the cursor at which the next one begins."""

    ingestion = models.ForeignKey(Ingestion, on_delete=models.CASCADE)
    sequence = models.PositiveBigIntegerField()
    cursor = models.TextField(help_text="JSON")
    entities = models.PositiveIntegerField(help_text="How many entities the step has brought")
    made_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[Mark]] = models.Manager()

    class Meta:
        app_label = LABEL
        verbose_name = "mark"
        constraints = [models.UniqueConstraint(fields=["ingestion", "sequence"], name="incremental_mark_sequence")]

    def __str__(self) -> str:
        return f"step {self.sequence}"


class MarkedEntity(models.Model):
    """An entity that has been seen this time. The rows go when the source has been read to its end."""

    ingestion = models.ForeignKey(Ingestion, on_delete=models.CASCADE)
    entity_ref = models.CharField(max_length=512)

    objects: ClassVar[models.Manager[MarkedEntity]] = models.Manager()

    class Meta:
        app_label = LABEL
        verbose_name = "marked entity"
        verbose_name_plural = "marked entities"
        constraints = [models.UniqueConstraint(fields=["ingestion", "entity_ref"], name="incremental_marked_once")]

    def __str__(self) -> str:
        return self.entity_ref
