from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "entity_ref",
                    models.CharField(help_text="Canonical ref, such as component:default/web", max_length=512),
                ),
                ("text", models.CharField(max_length=280)),
                ("author", models.CharField(help_text="Ref of a user, or name of a program", max_length=512)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "ordering": ["-created_at", "-id"],
                "indexes": [models.Index(fields=["entity_ref", "-created_at"], name="note_by_entity")],
            },
        ),
    ]
