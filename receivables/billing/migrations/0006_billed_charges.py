"""What a load's charges added up to when they were last put on its invoice, so that out of date is seen on the load."""

from django.db import migrations

from receivables.core.guards import money_check


class Migration(migrations.Migration):
    dependencies = [("billing", "0005_index_lookups"), ("ledger", "0006_guards_applications")]

    operations = [
        money_check("billing_load", "billed_charges"),
    ]
