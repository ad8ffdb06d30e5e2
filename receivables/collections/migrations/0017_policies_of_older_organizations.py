"""The pay-off policy of organizations that had no reason yet when policies began."""

from django.db import migrations

from receivables.core.guards import run

POLICIES = """
INSERT INTO collections_payoffpolicy (organization_id, currency, reason_id, why)
SELECT o.id, o.currency, min(r.id), 'Set up' FROM accounts_organization o
  JOIN billing_reason r ON r.organization_id = o.id AND r.kind = 'bad_debt'
 WHERE NOT EXISTS (SELECT 1 FROM collections_payoffpolicy p WHERE p.organization_id = o.id)
 GROUP BY o.id, o.currency;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0016_guards_unapplied"),
        ("billing", "0021_reasons_of_older_organizations"),
    ]

    operations = [run(POLICIES)]
