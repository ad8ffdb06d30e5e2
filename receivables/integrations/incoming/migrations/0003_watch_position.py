from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("incoming", "0002_guards")]

    operations = [migrations.AddField("watch", "position", models.JSONField(default=dict))]
