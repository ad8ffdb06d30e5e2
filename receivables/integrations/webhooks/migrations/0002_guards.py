"""The promises about webhooks: no event is missed, what was said stays, nothing leaves its organization."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, no_delete, org_fk, org_key, run

PENDING = """
-- Every event of an organization with webhooks is looked at: it is put on the list in its own transaction.
CREATE FUNCTION webhooks_note_events() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO webhooks_pending (event_id, organization_id)
    SELECT n.id, n.organization_id FROM new_rows n
     WHERE EXISTS (SELECT 1 FROM webhooks_endpoint e WHERE e.organization_id = n.organization_id);
  RETURN NULL;
END $$;
CREATE TRIGGER zz_note_events AFTER INSERT ON core_event REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION webhooks_note_events();
ALTER TABLE core_event ENABLE ALWAYS TRIGGER zz_note_events;
"""


class Migration(migrations.Migration):
    dependencies = [("webhooks", "0001_initial"), ("core", "0003_number_text")]

    operations = [
        org_key("webhooks_endpoint", "webhooks_message"),
        org_fk("webhooks_message", "endpoint_id", "webhooks_endpoint"),
        org_fk("webhooks_call", "message_id", "webhooks_message"),
        append_only("webhooks_call"),
        no_delete("webhooks_endpoint", "webhooks_message"),
        fixed_columns("webhooks_endpoint", "id", "organization_id"),
        fixed_columns(
            "webhooks_message", "id", "organization_id", "endpoint_id", "webhook_id", "event_id", "type", "subject",
            "reference", "payload", "created_at",
        ),
        run(PENDING),
    ]  # fmt: skip
