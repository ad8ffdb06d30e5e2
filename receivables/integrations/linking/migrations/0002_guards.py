"""What was seen over there stays within its organization and its connection; a look is remembered."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk


class Migration(migrations.Migration):
    dependencies = [("linking", "0001_initial")]

    operations = [
        org_fk("linking_directory", "connection_id", "integrations_connection"),
        org_fk("linking_counterpart", "connection_id", "integrations_connection"),
        no_delete("linking_directory"),
        fixed_columns("linking_directory", "id", "organization_id", "connection_id"),
        fixed_columns("linking_counterpart", "id", "organization_id", "connection_id", "what", "key"),
    ]
