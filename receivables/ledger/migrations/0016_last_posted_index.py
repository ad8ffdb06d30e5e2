from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0015_posted_days_guards")]

    operations = [
        migrations.AddIndex(
            model_name="openitem",
            index=models.Index(fields=["organization", "last_posted"], name="open_item_last_posted"),
        ),
    ]
