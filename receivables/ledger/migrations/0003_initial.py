import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_initial"),
        ("ledger", "0002_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="glaccount",
            name="write_off_type",
            field=models.ForeignKey(
                blank=True,
                help_text="Debt that was booked to this account is written off to an agreement of this type.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="customers.agreementtype",
                verbose_name="write-off agreement type",
            ),
        ),
    ]
