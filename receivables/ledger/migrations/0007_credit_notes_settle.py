"""A credit note is the document of the entry that settles an invoice: its settlement needs no other open item."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0006_short_payments")]

    operations = [
        migrations.RemoveConstraint(model_name="allocation", name="allocation_has_its_money"),
        migrations.AddConstraint(
            model_name="allocation",
            constraint=models.CheckConstraint(
                condition=~models.Q(kind="payment") | models.Q(credit_item__isnull=False),
                name="allocation_has_its_money",
            ),
        ),
    ]
