"""A resolution is kept for ever and stays in its organization (J8)."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key


class Migration(migrations.Migration):
    dependencies = [("collections", "0005_index_lookups"), ("billing", "0005_index_lookups")]

    operations = [
        org_key("collections_resolution"),
        org_fk("collections_resolution", "invoice_id", "billing_invoice"),
        org_fk("collections_resolution", "load_id", "billing_load"),
        org_fk("collections_resolution", "accessorial_id", "billing_accessorial"),
        org_fk("collections_resolution", "undoes_id", "collections_resolution"),
        money_check("collections_resolution", "amount"),
        append_only("collections_resolution"),
    ]
