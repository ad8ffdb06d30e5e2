"""A request is asked before it is decided, and authority is given to people of the organization only (W3, J8)."""

from django.db import migrations

from receivables.core.guards import org_fk, org_key, run

BORN_WAITING = """
CREATE FUNCTION approvals_born_waiting() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state <> 'waiting' OR NEW.decided_by_id IS NOT NULL OR NEW.decided_at IS NOT NULL THEN
    RAISE EXCEPTION 'a request begins undecided' USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER aa_born_waiting BEFORE INSERT ON approvals_approvalrequest
  FOR EACH ROW EXECUTE FUNCTION approvals_born_waiting();
ALTER TABLE approvals_approvalrequest ENABLE ALWAYS TRIGGER aa_born_waiting;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0002_guards"), ("accounts", "0002_guards")]

    operations = [
        org_key("accounts_membership"),
        org_fk("approvals_authoritylimit", "membership_id", "accounts_membership"),
        run(BORN_WAITING),
    ]
