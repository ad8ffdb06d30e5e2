"""What a load's charges added up to when they were last put on its invoice, so that out of date is seen on the load."""

from django.db import migrations

import receivables.core.fields
from receivables.core.guards import money_check

# An invoice over one load said what its open item says; no other invoices existed.
FILL = """
UPDATE billing_load l SET billed_charges = o.amount
  FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id WHERE i.id = l.invoice_id;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0008_index_lookups"), ("ledger", "0002_guards")]

    operations = [
        migrations.AddField("load", "billed_charges", receivables.core.fields.MoneyField(default=0)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        money_check("billing_load", "billed_charges"),
    ]
