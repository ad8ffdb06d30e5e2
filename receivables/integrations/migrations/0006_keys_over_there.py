import django.contrib.postgres.indexes
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("integrations", "0005_what_is_due")]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["remote"], name="delivery_remote", opclasses=["jsonb_path_ops"]
            ),
        ),
    ]
