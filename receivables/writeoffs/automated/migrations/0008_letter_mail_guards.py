"""The promises of letters by e-mail, kept by the database: J7, J8."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk, org_key, run

MAILS = """
-- Only a letter that is to go by e-mail is mailed.
CREATE FUNCTION automated_letter_mailed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM automated_processevent e
                  WHERE e.id = NEW.event_id AND e.kind = 'letter' AND e.by_email AND e.state IN ('running', 'done')) THEN
    RAISE EXCEPTION 'event % is no letter that goes by e-mail', NEW.event_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_letter_mailed AFTER INSERT ON automated_lettermail
  FOR EACH ROW EXECUTE FUNCTION automated_letter_mailed();
ALTER TABLE automated_lettermail ENABLE ALWAYS TRIGGER zz_letter_mailed;

-- It moves only forward: what went out is never waiting again, so that nothing is mailed twice in silence.
CREATE FUNCTION automated_letter_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (OLD.state, NEW.state) IN (
      ('waiting', 'sending'), ('waiting', 'failed'), ('sending', 'waiting'), ('sending', 'sent'), ('sending', 'failed'),
      ('sending', 'uncertain'), ('uncertain', 'waiting'), ('failed', 'waiting')) THEN
    RAISE EXCEPTION 'a letter does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_letter_moved BEFORE UPDATE OF state ON automated_lettermail FOR EACH ROW
  WHEN (NEW.state IS DISTINCT FROM OLD.state) EXECUTE FUNCTION automated_letter_moved();
ALTER TABLE automated_lettermail ENABLE ALWAYS TRIGGER ac_letter_moved;
"""


class Migration(migrations.Migration):
    dependencies = [("automated", "0007_letter_mail")]

    operations = [
        org_key("automated_lettermail"),
        org_fk("automated_lettermail", "event_id", "automated_processevent"),
        no_delete("automated_lettermail"),
        fixed_columns(
            "automated_lettermail", "id", "organization_id", "event_id", "mail_to", "subject", "sender_name",
            "reply_to", "message_id", "created_by_id", "created_at",
        ),
        run(MAILS),
    ]  # fmt: skip
