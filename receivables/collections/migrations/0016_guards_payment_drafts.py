"""A draft of a payment stays in its organization (J8)."""

from django.db import migrations

from receivables.core.guards import fixed_columns, org_fk


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0015_guards_tax_relief"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_fk("collections_paymentdraft", "account_id", "customers_account"),
        fixed_columns("collections_paymentdraft", "id", "organization_id", "user_id", "account_id"),
    ]
