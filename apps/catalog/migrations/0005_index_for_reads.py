"""Rows and indexes shaped after what is asked most, and no check of foreign keys for each of forty rows an entity.

The search index is derived from the final entities, and built anew.
"""

from collections import Counter
from itertools import islice
from typing import Any

import django.db.models.deletion
import orjson
from django.db import DatabaseError, migrations, models, transaction

import portal.databases
from apps.catalog.processing.indexing import (
    COUNT_COLUMNS,
    ENTRY_COLUMNS,
    SUMMARY_COLUMNS,
    count_changes,
    entry_rows,
    index_of,
    summary_row,
)
from portal.databases import append_rows

#: Columns that are sorted, cut into pages and searched by prefix.
TEXT_COLUMNS = {
    "catalog_searchentry": ("key", "value", "original_value"),
    "catalog_entitysummary": ("kind", "name", "title", "description"),
    "catalog_entitycount": ("key", "kind", "value", "original_value"),
}
BATCH = 500


def use_byte_order(apps: Any, schema_editor: Any) -> None:
    """Sort text by its bytes on PostgreSQL, as in 0001; and let it know that keys and values depend on each other."""
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, columns in TEXT_COLUMNS.items():
        changes = ", ".join(f'ALTER COLUMN {column} TYPE varchar(200) COLLATE "C"' for column in columns)
        schema_editor.execute(f"ALTER TABLE {table} {changes}")
    schema_editor.execute(
        "CREATE STATISTICS IF NOT EXISTS catalog_search_key_value (mcv, dependencies) "
        "ON key, value FROM catalog_searchentry"
    )


def index_trigrams(apps: Any, schema_editor: Any) -> None:
    """Index parts of words, where PostgreSQL has ``pg_trgm`` or lets us install it; without, they are found slower."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
    except DatabaseError:
        return
    with connection.cursor() as cursor:
        # It may have been installed before, and elsewhere.
        cursor.execute(
            "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace space ON space.oid = extnamespace "
            "WHERE extname = 'pg_trgm'"
        )
        (schema,) = cursor.fetchone()
    columns = ", ".join(f"{column} {schema}.gin_trgm_ops" for column in ("name", "title", "description"))
    schema_editor.execute(
        f"CREATE INDEX IF NOT EXISTS catalog_summary_trigrams ON catalog_entitysummary USING gin ({columns})"
    )


def build_index(apps: Any, schema_editor: Any) -> None:
    """Index what the catalog serves already."""
    using = schema_editor.connection.alias
    entries, summaries, counts = (
        apps.get_model("catalog", name) for name in ("SearchEntry", "EntitySummary", "EntityCount")
    )
    finals = apps.get_model("catalog", "FinalEntity").objects.using(using).values_list("entity_id", "final_entity")
    rows = finals.iterator(chunk_size=BATCH)
    total: Counter[tuple[str, ...]] = Counter()
    while batch := [(entity_id, index_of(orjson.loads(text))) for entity_id, text in islice(rows, BATCH)]:
        new = (row for entity_id, index in batch for row in entry_rows(entity_id, index.entries))
        append_rows(entries, ENTRY_COLUMNS, new, using=using)
        append_rows(summaries, SUMMARY_COLUMNS, [summary_row(*pair) for pair in batch], using=using)
        for *counted, change in count_changes(added=[index for _, index in batch]):
            total[tuple(counted)] += change
    append_rows(counts, COUNT_COLUMNS, [(*counted, count) for counted, count in total.items()], using=using)


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0004_failing_refresh_states"),
    ]

    operations = [
        migrations.DeleteModel(name="SearchEntry"),
        migrations.CreateModel(
            name="SearchEntry",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "key", "value", "entity_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.CharField(max_length=200)),
                ("value", models.CharField(help_text="NO_VALUE if the field's is null or too long", max_length=200)),
                ("original_value", models.CharField(blank=True, max_length=200, null=True)),
                (
                    "entity",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_entries",
                        to="catalog.finalentity",
                    ),
                ),
            ],
            options={
                "verbose_name": "search entry",
                "verbose_name_plural": "search entries",
            },
        ),
        migrations.CreateModel(
            name="EntityCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=200)),
                ("kind", models.CharField(max_length=200)),
                ("value", models.CharField(max_length=200)),
                ("original_value", models.CharField(max_length=200)),
                ("count", models.IntegerField()),
            ],
            options={"verbose_name": "entity count"},
        ),
        migrations.CreateModel(
            name="EntitySummary",
            fields=[
                (
                    "entity",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="summary",
                        serialize=False,
                        to="catalog.finalentity",
                    ),
                ),
                ("kind", models.CharField(max_length=200)),
                ("name", models.CharField(max_length=200)),
                ("title", models.CharField(blank=True, default="", max_length=200)),
                (
                    "description",
                    models.CharField(
                        blank=True, default="", help_text="Empty if too long to be matched", max_length=200
                    ),
                ),
            ],
            options={"verbose_name": "entity summary", "verbose_name_plural": "entity summaries"},
        ),
        migrations.RunPython(use_byte_order, migrations.RunPython.noop),
        migrations.RunPython(build_index, migrations.RunPython.noop),
        migrations.AddIndex("searchentry", models.Index(fields=["entity", "key"], name="catalog_search_entity")),
        migrations.AddIndex("entitycount", models.Index(fields=["key", "kind"], name="catalog_count_key")),
        migrations.AddIndex(
            "entitysummary", models.Index(fields=["kind", "name", "entity"], name="catalog_summary_kind_name")
        ),
        migrations.RunPython(index_trigrams, migrations.RunPython.noop),
        # The same indexes as before without their doubles for patterns, which nothing asks for.
        migrations.AlterField("finalentity", "entity_ref", models.CharField(max_length=512)),
        migrations.AddConstraint(
            "finalentity", models.UniqueConstraint(fields=("entity_ref",), name="catalog_final_ref")
        ),
        migrations.AlterField(
            "refreshstate",
            "entity_ref",
            models.CharField(help_text="Canonical ref, such as component:default/web", max_length=512),
        ),
        migrations.AddConstraint(
            "refreshstate", models.UniqueConstraint(fields=("entity_ref",), name="catalog_refresh_ref")
        ),
        migrations.AlterField(
            "refreshstate",
            "entity_id",
            models.UUIDField(
                default=portal.databases.time_ordered_uuid, editable=False, primary_key=True, serialize=False
            ),
        ),
        migrations.AlterField(
            "refreshedge", "source_entity_ref", models.CharField(blank=True, max_length=512, null=True)
        ),
        migrations.AlterField("refreshedge", "target_entity_ref", models.CharField(max_length=512)),
        migrations.AddIndex("refreshedge", models.Index(fields=["source_entity_ref"], name="catalog_edge_source")),
        migrations.AddIndex("refreshedge", models.Index(fields=["target_entity_ref"], name="catalog_edge_target")),
        migrations.AlterField("refreshkey", "key", models.CharField(max_length=255)),
        migrations.AddIndex("refreshkey", models.Index(fields=["key"], name="catalog_refresh_key")),
        migrations.AlterField(
            "refreshkey",
            "entity",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="refresh_keys",
                to="catalog.refreshstate",
            ),
        ),
        migrations.AlterField(
            "relation",
            "originating_entity",
            models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="relations",
                to="catalog.refreshstate",
            ),
        ),
        migrations.AlterField("relation", "source_entity_ref", models.CharField(max_length=512)),
        migrations.AlterField("relation", "target_entity_ref", models.CharField(max_length=512)),
        migrations.AddIndex("relation", models.Index(fields=["source_entity_ref"], name="catalog_relation_source")),
        migrations.AddIndex("relation", models.Index(fields=["target_entity_ref"], name="catalog_relation_target")),
    ]
