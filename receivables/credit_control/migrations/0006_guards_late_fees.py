"""A late fee is an amount of its criterion's currency, charged as a type of the same organization."""

from django.db import migrations

from receivables.core.guards import money_check, org_fk


class Migration(migrations.Migration):
    dependencies = [("credit_control", "0005_guards_plans"), ("billing", "0016_loads_billed_by_key")]

    operations = [
        org_fk("credit_control_collectioncriterion", "late_fee_type_id", "billing_accessorialtype"),
        money_check("credit_control_collectioncriterion", "late_fee"),
    ]
