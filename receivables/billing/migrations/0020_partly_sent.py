"""A mail that the server took for some of its recipients only has a state of its own."""

from django.db import migrations, models

from receivables.core.guards import run

MOVES = """
CREATE OR REPLACE FUNCTION billing_dispatch_moved() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT (OLD.state, NEW.state) IN (
      ('waiting', 'sending'), ('waiting', 'failed'), ('sending', 'waiting'), ('sending', 'sent'), ('sending', 'partly'),
      ('sending', 'failed'), ('sending', 'uncertain'), ('uncertain', 'sent'), ('uncertain', 'partly'),
      ('uncertain', 'waiting'), ('failed', 'waiting'), ('sent', 'bounced'), ('partly', 'bounced')) THEN
    RAISE EXCEPTION 'a sending does not go from % to %', OLD.state, NEW.state USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
"""
WENT_OUT = ["sent", "partly", "bounced"]


class Migration(migrations.Migration):
    dependencies = [("billing", "0019_guards_einvoices_of_credit_notes")]

    operations = [
        migrations.AlterField(
            model_name="dispatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("sending", "Sending"),
                    ("sent", "Sent"),
                    ("partly", "Sent to some"),
                    ("failed", "Failed"),
                    ("uncertain", "Uncertain"),
                    ("bounced", "Bounced"),
                ],
                default="waiting",
                max_length=10,
            ),
        ),
        migrations.RemoveConstraint(model_name="dispatch", name="dispatch_sent_has_its_time"),
        migrations.AddConstraint(
            model_name="dispatch",
            constraint=models.CheckConstraint(
                condition=models.Q(state__in=WENT_OUT, sent_at__isnull=False)
                | (~models.Q(state__in=WENT_OUT) & models.Q(sent_at__isnull=True)),
                name="dispatch_sent_has_its_time",
            ),
        ),
        run(MOVES),
    ]
