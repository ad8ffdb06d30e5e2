"""A credit note keeps what its reason was called when it was issued; older ones show the name of today."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("billing", "0023_attach_xml")]

    operations = [
        migrations.AddField(
            model_name="creditnote",
            name="reason_name",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        )
    ]
