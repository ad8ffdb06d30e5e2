"""The promises about changes seen over there: each document once, within its organization, and kept."""

from django.db import migrations

from receivables.core.guards import fixed_columns, money_check, no_delete, org_fk


class Migration(migrations.Migration):
    dependencies = [("incoming", "0001_initial"), ("collections", "0017_guards_bounce_fees")]

    operations = [
        org_fk("incoming_watch", "connection_id", "integrations_connection"),
        org_fk("incoming_incomingchange", "connection_id", "integrations_connection"),
        org_fk("incoming_incomingchange", "customer_id", "customers_customer"),
        org_fk("incoming_incomingchange", "delivery_id", "integrations_delivery"),
        org_fk("incoming_incomingchange", "payment_id", "collections_payment"),
        money_check("incoming_incomingchange", "amount"),
        no_delete("incoming_watch", "incoming_incomingchange"),
        fixed_columns("incoming_watch", "id", "organization_id", "connection_id"),
        fixed_columns(
            "incoming_incomingchange", "id", "organization_id", "connection_id", "entity", "remote_id", "customer_id"
        ),
    ]
