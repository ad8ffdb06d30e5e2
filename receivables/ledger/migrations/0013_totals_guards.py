"""Totals belong to an organization, and none of them disappears. What writes them is the trigger on seals."""

from django.db import migrations

from receivables.core.guards import fixed_columns, no_delete, org_fk, run

GROWS = """
CREATE TRIGGER ab_grows BEFORE UPDATE ON ledger_counted FOR EACH ROW
  WHEN (NEW.through < OLD.through) EXECUTE FUNCTION forbid_change();
ALTER TABLE ledger_counted ENABLE ALWAYS TRIGGER ab_grows;
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0012_totals")]

    operations = [
        org_fk("ledger_accounttotal", "gl_account_id", "ledger_glaccount"),
        no_delete("ledger_accounttotal", "ledger_counted"),
        fixed_columns("ledger_accounttotal", "id", "organization_id", "gl_account_id", "day"),
        fixed_columns("ledger_counted", "id", "organization_id"),
        run(GROWS),
    ]
