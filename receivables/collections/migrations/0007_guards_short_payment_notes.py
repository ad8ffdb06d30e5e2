"""Why a payment was short, and the evidence of it, is kept for ever and stays in its organization (J8)."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key


class Migration(migrations.Migration):
    dependencies = [("collections", "0006_guards_resolution"), ("billing", "0005_index_lookups")]

    operations = [
        org_key("collections_shortpaymentnote"),
        org_fk("collections_shortpaymentnote", "load_id", "billing_load"),
        org_fk("collections_shortpaymentnote", "invoice_id", "billing_invoice"),
        money_check("collections_shortpaymentnote", "short"),
        append_only("collections_shortpaymentnote"),
        org_fk("collections_shortpaymentdraft", "load_id", "billing_load"),
    ]
