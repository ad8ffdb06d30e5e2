"""Whoever stands in for somebody does so by a delegation that is kept; a question is answered once, by who asked for
the request (W3, J8)."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk, org_key, run

STANDS_IN = """
CREATE FUNCTION approvals_stands_in() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM approvals_delegation d JOIN accounts_membership o ON o.id = d.of_id
      JOIN accounts_membership t ON t.id = d.to_id
     WHERE d.id = NEW.delegation_id AND d.organization_id = NEW.organization_id AND d.ended_at IS NULL
       AND o.user_id = NEW.on_behalf_of_id AND t.user_id = NEW.decided_by_id) THEN
    RAISE EXCEPTION 'nobody decides for another without a delegation' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER aa_stands_in BEFORE INSERT ON approvals_approvaldecision FOR EACH ROW
  WHEN (NEW.on_behalf_of_id IS NOT NULL) EXECUTE FUNCTION approvals_stands_in();
ALTER TABLE approvals_approvaldecision ENABLE ALWAYS TRIGGER aa_stands_in;
"""

ONCE = """
CREATE TRIGGER ac_ended_once BEFORE UPDATE ON approvals_delegation FOR EACH ROW
  WHEN (OLD.ended_at IS NOT NULL) EXECUTE FUNCTION forbid_change();
ALTER TABLE approvals_delegation ENABLE ALWAYS TRIGGER ac_ended_once;
CREATE TRIGGER ac_answered_once BEFORE UPDATE ON approvals_approvalquestion FOR EACH ROW
  WHEN (OLD.answered_at IS NOT NULL) EXECUTE FUNCTION forbid_change();
ALTER TABLE approvals_approvalquestion ENABLE ALWAYS TRIGGER ac_answered_once;

CREATE FUNCTION approvals_answered_by_who_asked() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_approvalrequest r
                  WHERE r.id = NEW.request_id AND r.requested_by_id = NEW.answered_by_id) THEN
    RAISE EXCEPTION 'a question is answered by who asked for the request' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ad_answered_by_who_asked BEFORE INSERT OR UPDATE ON approvals_approvalquestion FOR EACH ROW
  WHEN (NEW.answered_by_id IS NOT NULL) EXECUTE FUNCTION approvals_answered_by_who_asked();
ALTER TABLE approvals_approvalquestion ENABLE ALWAYS TRIGGER ad_answered_by_who_asked;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0004_guards_levels"), ("accounts", "0002_guards")]

    operations = [
        no_delete("approvals_delegation", "approvals_approvalquestion"),
        fixed_columns(
            "approvals_delegation", "id", "organization_id", "of_id", "to_id", "starts", "ends", "reason",
            "created_by_id", "created_at",
        ),
        fixed_columns(
            "approvals_approvalquestion", "id", "organization_id", "request_id", "text", "created_by_id", "created_at"
        ),
        org_key("approvals_delegation"),
        org_fk("approvals_delegation", "of_id", "accounts_membership"),
        org_fk("approvals_delegation", "to_id", "accounts_membership"),
        org_fk("approvals_approvaldecision", "delegation_id", "approvals_delegation"),
        org_fk("approvals_approvalquestion", "request_id", "approvals_approvalrequest"),
        run(STANDS_IN),
        run(ONCE),
    ]  # fmt: skip
