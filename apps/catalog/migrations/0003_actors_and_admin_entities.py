from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_priorities_conflicts_history"),
    ]

    operations = [
        migrations.CreateModel(
            name="AdminEntity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("entity_ref", models.CharField(editable=False, max_length=512, unique=True)),
                (
                    "text",
                    models.TextField(
                        help_text="One entity as YAML or JSON, as it would stand in a catalog-info.yaml file.",
                        verbose_name="entity",
                    ),
                ),
                ("edited_by", models.CharField(editable=False, max_length=255)),
                ("updated_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "verbose_name": "entity made in the admin",
                "verbose_name_plural": "entities made in the admin",
                "ordering": ["entity_ref"],
            },
        ),
        migrations.AddField(
            model_name="refreshstate",
            name="actor",
            field=models.CharField(
                blank=True, default="", help_text="Who asked for the next run; empty: its time had come", max_length=255
            ),
        ),
        migrations.AlterField(
            model_name="historyentry",
            name="cause",
            field=models.TextField(
                blank=True, default="", help_text="What brought it about, and who, where it is known"
            ),
        ),
        migrations.AlterField(
            model_name="stitchrequest",
            name="cause",
            field=models.TextField(blank=True, default="", help_text="What made it out of date"),
        ),
    ]
