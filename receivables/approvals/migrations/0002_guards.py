"""A request is decided once, by somebody else, and says for ever what was asked (W3)."""

from django.db import migrations

from receivables.core.guards import fixed_columns, money_check, no_delete, run

DECIDED_ONCE = """
CREATE FUNCTION approvals_decided_once() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION 'request % was already decided', OLD.id USING ERRCODE = 'RV001';
END $$;
CREATE TRIGGER ac_decided_once BEFORE UPDATE ON approvals_approvalrequest FOR EACH ROW
  WHEN (OLD.state <> 'waiting') EXECUTE FUNCTION approvals_decided_once();
ALTER TABLE approvals_approvalrequest ENABLE ALWAYS TRIGGER ac_decided_once;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0001_initial"), ("core", "0002_guards")]

    operations = [
        no_delete("approvals_approvalrequest"),
        fixed_columns(
            "approvals_approvalrequest",
            "id",
            "organization_id",
            "verb",
            "kind",
            "subject_type_id",
            "subject_id",
            "title",
            "currency",
            "amount",
            "reason",
            "facts",
            "preview",
            "requested_by_id",
            "requested_at",
        ),
        money_check("approvals_approvalrequest", "amount"),
        money_check("approvals_authoritylimit", "minimum"),
        money_check("approvals_authoritylimit", "maximum"),
        run(DECIDED_ONCE),
    ]
