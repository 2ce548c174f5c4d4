from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0003_actors_and_admin_entities"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="refreshstate",
            index=models.Index(
                condition=models.Q(("errors__gt", "")), fields=["entity_ref"], name="catalog_refresh_failing"
            ),
        ),
    ]
