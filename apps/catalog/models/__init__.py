"""The catalog's tables, shaped after the pipeline: discovered → processed → stitched → searched.

``RefreshState`` holds each entity as it was found and as it was processed, ``RefreshEdge`` who found it, ``Relation``
what it says about others. Stitching joins these into ``FinalEntity``, whose text is the JSON that the API serves, and
into its index: ``SearchEntry``, which every filter, order and facet rests on, and beside it ``EntitySummary`` and
``EntityCount``, which answer what is asked most without looking at many rows. All writes go through ``operations`` in
batches. Entities are tied by their canonical ref, a lowercase string, and not by foreign keys: a relation may dangle,
and rows of one entity are written by different stages at different times. Where there is a foreign key, the database
doesn't check it: that would cost a look-up for each of some forty rows of an entity, which are written and deleted
together anyway.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models.expressions import RawSQL

from apps.catalog.models.personal import SavedView as SavedView
from apps.catalog.models.personal import Star as Star
from portal.databases import time_ordered_uuid


class Priority(models.IntegerChoices):
    """Whose turn it is: what somebody waits for comes before what time brings."""

    BACKGROUND = 0
    INTERACTIVE = 1


class RefreshStateQuerySet(models.QuerySet["RefreshState"]):
    """Rows of the pipeline."""

    def failing(self) -> RefreshStateQuerySet:
        """Return those whose last run complained. They are few, and have an index of their own."""
        # A literal: with a parameter in its place, SQLite can't know that the index fits.
        return self.filter(errors__gt=RawSQL("''", ()))


class RefreshState(models.Model):
    """An entity in the pipeline: what its source says, what processing made of it, and when to look again."""

    entity_id = models.UUIDField(primary_key=True, default=time_ordered_uuid, editable=False)
    entity_ref = models.CharField(max_length=512, help_text="Canonical ref, such as component:default/web")
    unprocessed_entity = models.TextField(help_text="JSON as the provider or the parent gave it")
    unprocessed_hash = models.CharField(max_length=40)
    processed_entity = models.TextField(null=True, blank=True, help_text="JSON after the last run that succeeded")
    result_hash = models.CharField(
        max_length=40, blank=True, default="", help_text="Hash of everything the last run gave"
    )
    cache = models.TextField(blank=True, default="", help_text="JSON that processors keep between runs")
    errors = models.TextField(blank=True, default="", help_text="JSON list of what the last run complained about")
    location_key = models.TextField(null=True, blank=True, help_text="Who may update this entity; empty: anybody")
    next_update_at = models.DateTimeField()
    priority = models.SmallIntegerField(
        choices=Priority, default=Priority.BACKGROUND, help_text="Interactive: somebody waits, this comes first"
    )
    actor = models.CharField(
        max_length=255, blank=True, default="", help_text="Who asked for the next run; empty: its time had come"
    )
    last_discovery_at = models.DateTimeField()

    objects = RefreshStateQuerySet.as_manager()

    class Meta:
        verbose_name = "refresh state"
        verbose_name_plural = "refresh states"
        indexes = [
            models.Index(fields=["-priority", "next_update_at"], name="catalog_refresh_due"),
            models.Index(fields=["entity_ref"], condition=models.Q(errors__gt=""), name="catalog_refresh_failing"),
        ]
        constraints = [models.UniqueConstraint(fields=["entity_ref"], name="catalog_refresh_ref")]

    def __str__(self) -> str:
        return self.entity_ref


class RefreshEdge(models.Model):
    """Who brought an entity in: a provider (``source_key``) or another entity (``source_entity_ref``)."""

    source_key = models.CharField(max_length=255, null=True, blank=True)
    source_entity_ref = models.CharField(max_length=512, null=True, blank=True)
    target_entity_ref = models.CharField(max_length=512)

    class Meta:
        verbose_name = "discovery"
        verbose_name_plural = "discoveries"
        indexes = [
            models.Index(
                fields=["source_key", "target_entity_ref"],
                condition=models.Q(source_key__isnull=False),
                name="catalog_edge_provider",
            ),
            models.Index(fields=["source_entity_ref"], name="catalog_edge_source"),
            models.Index(fields=["target_entity_ref"], name="catalog_edge_target"),
        ]
        constraints = [
            models.CheckConstraint(
                name="catalog_edge_has_one_source",
                condition=models.Q(source_key__isnull=True) ^ models.Q(source_entity_ref__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source_key or self.source_entity_ref} → {self.target_entity_ref}"


class RefreshKey(models.Model):
    """A thing whose change makes an entity due, such as the URL of a file that it includes."""

    entity = models.ForeignKey(RefreshState, on_delete=models.CASCADE, related_name="refresh_keys", db_constraint=False)
    key = models.CharField(max_length=255)

    class Meta:
        verbose_name = "refresh key"
        indexes = [models.Index(fields=["key"], name="catalog_refresh_key")]

    def __str__(self) -> str:
        return self.key


class Relation(models.Model):
    """One direction of a relation, as stated by the entity that declares it."""

    originating_entity = models.ForeignKey(
        RefreshState, on_delete=models.CASCADE, related_name="relations", db_constraint=False
    )
    source_entity_ref = models.CharField(max_length=512)
    type = models.CharField(max_length=255)
    target_entity_ref = models.CharField(max_length=512)

    class Meta:
        verbose_name = "relation"
        ordering = ["source_entity_ref", "type", "target_entity_ref"]
        indexes = [
            models.Index(fields=["source_entity_ref"], name="catalog_relation_source"),
            models.Index(fields=["target_entity_ref"], name="catalog_relation_target"),
        ]

    def __str__(self) -> str:
        return f"{self.source_entity_ref} {self.type} {self.target_entity_ref}"


class StitchRequest(models.Model):
    """An entity whose final form is out of date.

    ``ticket`` changes with each request, so that one made while the entity is being stitched is not lost.
    """

    entity_ref = models.CharField(max_length=512, primary_key=True)
    ticket = models.UUIDField(default=uuid.uuid4)
    next_stitch_at = models.DateTimeField()
    priority = models.SmallIntegerField(choices=Priority, default=Priority.BACKGROUND)
    cause = models.TextField(blank=True, default="", help_text="What made it out of date")

    class Meta:
        verbose_name = "stitch request"
        indexes = [models.Index(fields=["-priority", "next_stitch_at"], name="catalog_stitch_due")]

    def __str__(self) -> str:
        return self.entity_ref


class FinalEntity(models.Model):
    """An entity as it is served. ``final_entity`` is passed through to clients as it stands."""

    entity_id = models.UUIDField(primary_key=True, editable=False)
    entity_ref = models.CharField(max_length=512)
    final_entity = models.TextField(help_text="JSON as the API serves it")
    hash = models.CharField(max_length=40)
    last_updated_at = models.DateTimeField()

    class Meta:
        verbose_name = "entity"
        verbose_name_plural = "entities"
        constraints = [models.UniqueConstraint(fields=["entity_ref"], name="catalog_final_ref")]

    def __str__(self) -> str:
        return self.entity_ref


#: Stands for the value of a field that is null or too long to be matched. It comes after every text, as null does.
NO_VALUE = "\U0010ffff"


class SearchEntry(models.Model):
    """One leaf of a final entity: what filters, orders and facets look at.

    ``key`` and ``value`` are lowercase. ``original_value`` is the text as it was written, where ``value`` isn't that.
    """

    pk = models.CompositePrimaryKey("key", "value", "entity_id")
    entity = models.ForeignKey(
        FinalEntity, on_delete=models.CASCADE, related_name="search_entries", db_constraint=False, db_index=False
    )
    key = models.CharField(max_length=200)
    value = models.CharField(max_length=200, help_text="NO_VALUE if the field's is null or too long")
    original_value = models.CharField(max_length=200, null=True, blank=True)

    class Meta:
        verbose_name = "search entry"
        verbose_name_plural = "search entries"
        indexes = [models.Index(fields=["entity", "key"], name="catalog_search_entity")]

    def __str__(self) -> str:
        return f"{self.key}={self.value if self.original_value is None else self.original_value}"


class EntitySummary(models.Model):
    """What final entities are listed and looked for by most, in columns. All is lowercase, as in ``SearchEntry``.

    On PostgreSQL an index of trigrams finds parts of name, title and description, if the server has ``pg_trgm``.
    """

    entity = models.OneToOneField(
        FinalEntity, on_delete=models.CASCADE, primary_key=True, related_name="summary", db_constraint=False
    )
    kind = models.CharField(max_length=200)
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True, default="")
    description = models.CharField(max_length=200, blank=True, default="", help_text="Empty if too long to be matched")

    class Meta:
        verbose_name = "entity summary"
        verbose_name_plural = "entity summaries"
        indexes = [models.Index(fields=["kind", "name", "entity"], name="catalog_summary_kind_name")]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


#: The fields with few values that lists are narrowed by: ``EntityCount`` counts these.
COUNTED_KEYS = frozenset(
    {
        "kind",
        "metadata.namespace",
        "metadata.tags",
        "relations.ownedby",
        "relations.partof",
        "spec.lifecycle",
        "spec.owner",
        "spec.system",
        "spec.type",
    }
)


class EntityCount(models.Model):
    """By how much a change of the catalog changed how many entities of a kind have a value in ``COUNTED_KEYS``.

    The number is the sum of the rows that agree in everything else. So totals and facets needn't count entities, and
    nobody who changes an entity waits for a row that everybody changes. Now and then the rows are summed up.
    """

    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=200)
    value = models.CharField(max_length=200)
    original_value = models.CharField(max_length=200)
    count = models.IntegerField()

    class Meta:
        verbose_name = "entity count"
        indexes = [
            models.Index(fields=["key", "kind"], name="catalog_count_key"),
            models.Index(fields=["key", "value"], name="catalog_count_value"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}={self.original_value}: {self.count:+}"


class Location(models.Model):
    """A location that somebody registered, as opposed to one that the configuration names."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    type = models.CharField(max_length=255)
    target = models.TextField()
    location_entity_ref = models.CharField(max_length=512, unique=True)

    class Meta:
        verbose_name = "registered location"

    def __str__(self) -> str:
        return f"{self.type}:{self.target}"


class Conflict(models.Model):
    """An entity that was found, but whose name belongs to another source. Gone once the name is given up or the loser
    is.
    """

    entity_ref = models.CharField(max_length=512)
    source = models.CharField(max_length=512, help_text="Provider or entity that found it")
    location_key = models.TextField(blank=True, default="", help_text="Who wanted the name")
    owner_key = models.TextField(blank=True, default="", help_text="Who has it")
    entity = models.TextField(help_text="JSON of the entity that was left out")
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()

    class Meta:
        verbose_name = "name conflict"
        constraints = [
            models.UniqueConstraint(fields=["entity_ref", "source"], name="catalog_conflict_once"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_ref}: {self.source}"


class HistoryEntry(models.Model):
    """One change of a final entity: what it was before, and what brought the change about.

    What it is after stands in the next entry, or in ``FinalEntity``; so nothing is stored twice.
    """

    class Change(models.TextChoices):
        """What happened."""

        CREATED = "created"
        UPDATED = "updated"
        DELETED = "deleted"

    entity_ref = models.CharField(max_length=512)
    entity_id = models.UUIDField()
    at = models.DateTimeField()
    change = models.CharField(max_length=16, choices=Change)
    cause = models.TextField(blank=True, default="", help_text="What brought it about, and who, where it is known")
    before = models.TextField(
        null=True, blank=True, help_text="JSON as it was served until then; none for a new entity"
    )

    class Meta:
        verbose_name = "history entry"
        verbose_name_plural = "history"
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["entity_ref", "-at"], name="catalog_history_entity"),
            models.Index(fields=["at"], name="catalog_history_at"),
        ]

    def __str__(self) -> str:
        return f"{self.entity_ref} {self.change} {self.at:%Y-%m-%d %H:%M}"


class HeldRemoval(models.Model):
    """A removal that was too large to be believed: applied once somebody confirms it, forgotten once it is taken
    back.
    """

    provider = models.CharField(max_length=255, unique=True)
    refs = models.TextField(help_text="JSON list of the entities that would go")
    count = models.PositiveIntegerField()
    total = models.PositiveIntegerField(help_text="How many entities the provider had")
    held_at = models.DateTimeField()

    class Meta:
        verbose_name = "held removal"

    def __str__(self) -> str:
        return f"{self.provider}: {self.count} of {self.total}"


class AdminEntity(models.Model):
    """An entity that somebody wrote in the admin, as they wrote it. The provider ``admin`` hands it to the pipeline."""

    entity_ref = models.CharField(max_length=512, unique=True, editable=False)
    text = models.TextField(
        "entity", help_text="One entity as YAML or JSON, as it would stand in a catalog-info.yaml file."
    )
    edited_by = models.CharField(max_length=255, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "entity made in the admin"
        verbose_name_plural = "entities made in the admin"
        ordering = ["entity_ref"]

    def __str__(self) -> str:
        return self.entity_ref
