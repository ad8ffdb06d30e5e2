"""Visits of the Web Connector stay within their organization, and none disappears."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk


class Migration(migrations.Migration):
    dependencies = [("integrations", "0003_connector_sessions")]

    operations = [
        org_fk("integrations_connectorsession", "connection_id", "integrations_connection"),
        org_fk("integrations_connectorsession", "delivery_id", "integrations_delivery"),
        no_delete("integrations_connectorsession"),
        fixed_columns("integrations_connectorsession", "id", "organization_id", "connection_id", "ticket", "begun_at"),
    ]
