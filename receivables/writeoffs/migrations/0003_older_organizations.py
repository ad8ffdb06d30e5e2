"""What organizations have that were made before write-offs began: numbers, a default type, a type per tax account."""

from django.db import migrations

from receivables.core.guards import run

NUMBERS = """
INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'write_off', 'WO-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'write_off');
"""

DEFAULTS = """
INSERT INTO writeoffs_writeoffsettings (organization_id, default_type_id)
  SELECT o.id, (SELECT min(t.id) FROM customers_agreementtype t
                 WHERE t.organization_id = o.id AND t.code = 'WO-STD' AND t.special_role = 'write_off')
    FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM writeoffs_writeoffsettings s WHERE s.organization_id = o.id);
"""

TAXES = """
INSERT INTO customers_agreementtype (organization_id, code, name, division_id, gl_account_id, eligible_for_billing,
    payment_segment_type, debt_class_id, write_off_debt_class_id, special_role, one_time_charge, do_not_overpay,
    payment_priority, alert_while_open, active)
  SELECT t.organization_id, 'WO-' || g.code, left(t.name || ': ' || g.name, 120), t.division_id, g.id, false,
         t.payment_segment_type, t.debt_class_id, t.write_off_debt_class_id, t.special_role, t.one_time_charge, true,
         t.payment_priority, t.alert_while_open, true
    FROM customers_agreementtype t JOIN ledger_glaccount g ON g.organization_id = t.organization_id
   WHERE t.code = 'WO-LIA' AND t.special_role = 'write_off' AND g.kind = 'liability'
     AND (g.write_off_type_id = t.id OR EXISTS (SELECT 1 FROM billing_taxcode c WHERE c.gl_account_id = g.id))
     AND NOT EXISTS (SELECT 1 FROM customers_agreementtype o WHERE o.organization_id = t.organization_id
                      AND (o.code = 'WO-' || g.code OR (o.gl_account_id = g.id AND o.special_role = 'write_off')));
UPDATE ledger_glaccount g SET write_off_type_id = t.id, write_off_override = true
  FROM customers_agreementtype t
 WHERE t.gl_account_id = g.id AND t.special_role = 'write_off' AND t.code = 'WO-' || g.code AND g.kind = 'liability';
UPDATE ledger_glaccount g SET write_off_type_id = t.id, write_off_override = true
  FROM customers_agreementtype t
 WHERE t.organization_id = g.organization_id AND t.code = 'WO-LIA' AND t.special_role = 'write_off'
   AND g.kind = 'liability' AND g.role = '' AND g.write_off_type_id IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("writeoffs", "0002_guards"),
        ("billing", "0024_reason_as_issued"),
        ("collections", "0017_policies_of_older_organizations"),
    ]

    operations = [run(NUMBERS), run(DEFAULTS), run(TAXES)]
