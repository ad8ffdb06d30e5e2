"""The promises about deliveries: no change is missed, what was said stays, nothing leaves its organization."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

CHANGES = """
-- Every event of an organization with connections is looked at, because it is put on the list in its own transaction.
CREATE FUNCTION integrations_note_changes() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO integrations_change (event_id, organization_id)
    SELECT n.id, n.organization_id FROM new_rows n
     WHERE EXISTS (SELECT 1 FROM integrations_connection c WHERE c.organization_id = n.organization_id);
  RETURN NULL;
END $$;
CREATE TRIGGER zz_note_changes AFTER INSERT ON core_event REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION integrations_note_changes();
ALTER TABLE core_event ENABLE ALWAYS TRIGGER zz_note_changes;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0001_initial"),
        ("core", "0003_number_text"),
        ("customers", "0002_initial"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("integrations_connection", "integrations_delivery"),
        org_fk("integrations_mapping", "connection_id", "integrations_connection"),
        org_fk("integrations_delivery", "connection_id", "integrations_connection"),
        org_fk("integrations_delivery", "customer_id", "customers_customer"),
        org_fk("integrations_attempt", "delivery_id", "integrations_delivery"),
        money_check("integrations_delivery", "amount"),
        append_only("integrations_attempt"),
        no_delete("integrations_connection", "integrations_delivery"),
        fixed_columns("integrations_connection", "id", "organization_id", "system"),
        fixed_columns(
            "integrations_delivery",
            "id",
            "organization_id",
            "connection_id",
            "kind",
            "source",
            "source_id",
            "customer_id",
        ),
        fixed_columns("integrations_mapping", "id", "organization_id", "connection_id", "local_key"),
        run(CHANGES),
    ]
