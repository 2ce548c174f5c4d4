"""What people keep: entities that they starred, and lists that they named."""

import uuid

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add two tables; nothing that is there changes."""

    dependencies = [
        ("catalog", "0005_index_for_reads"),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("owner_ref", models.CharField(help_text="Canonical ref of the person whose it is", max_length=512)),
                ("name", models.CharField(max_length=100)),
                (
                    "query",
                    models.TextField(
                        blank=True, default="", help_text="What follows the question mark in the list's address"
                    ),
                ),
                ("is_shared", models.BooleanField(default=False, help_text="Everybody may open it")),
                ("is_default", models.BooleanField(default=False, help_text="The list opens with it for its owner")),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "saved view",
                "ordering": ["name", "id"],
                "indexes": [
                    models.Index(condition=models.Q(("is_shared", True)), fields=["name"], name="catalog_view_shared")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("owner_ref", "name"), name="catalog_view_name"),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)), fields=("owner_ref",), name="catalog_view_one_default"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Star",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("user_ref", models.CharField(help_text="Canonical ref of the person", max_length=512)),
                ("entity_ref", models.CharField(help_text="Canonical ref of the entity", max_length=512)),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "star",
                "constraints": [models.UniqueConstraint(fields=("user_ref", "entity_ref"), name="catalog_star_once")],
            },
        ),
    ]
