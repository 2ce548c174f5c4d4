"""An index for totals of one value, such as an owner: of a field with thousands of values, they needn't all be read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0006_stars_and_saved_views"),
    ]

    operations = [
        migrations.AddIndex("entitycount", models.Index(fields=["key", "value"], name="catalog_count_value")),
    ]
