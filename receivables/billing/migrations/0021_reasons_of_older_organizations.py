"""Organizations made before there were reasons get what a fresh one begins with; without them no credit note can be
issued. Mail texts need no row: one that was not written is ours."""

from django.db import migrations

from receivables.core.guards import run

ACCOUNTS = """
-- An account of the organization's own under such a code stays as it is.
INSERT INTO ledger_glaccount (organization_id, code, name, kind, role, active, write_off_type_id, write_off_override)
SELECT o.id, n.code, n.name, n.kind, '', true,
       (SELECT t.id FROM customers_agreementtype t
         WHERE n.kind = 'income' AND t.organization_id = o.id AND t.code = 'WO-STD'), false
  FROM accounts_organization o
 CROSS JOIN (VALUES ('1300', 'Withholding tax receivable', 'asset'), ('4950', 'Discounts', 'income')) n (code, name, kind)
 WHERE EXISTS (SELECT 1 FROM ledger_glaccount a WHERE a.organization_id = o.id)
   AND NOT EXISTS (SELECT 1 FROM ledger_glaccount a WHERE a.organization_id = o.id AND upper(a.code) = n.code);
"""

REASONS = """
-- Only where nobody made any; a reason whose account means something else here is left to a person.
INSERT INTO billing_reason (organization_id, code, name, kind, gl_account_id, document, tax_rule, currency, active)
SELECT o.id, n.code, n.name, n.kind, a.id, n.document, n.tax_rule, o.currency, true
  FROM accounts_organization o
 CROSS JOIN (VALUES
    ('BAD-DEBT', 'Bad debt', 'bad_debt', '6100', 'expense', 'credit_note', 'none'),
    ('PRICE', 'Price concession', 'price_concession', '4900', 'income', 'credit_note', 'at_once'),
    ('DISCOUNT', 'Discount', 'discount', '4950', 'income', 'credit_note', 'at_once'),
    ('SMALL', 'Small difference', 'small_difference', '6300', 'expense', 'journal', 'none'),
    ('BANK-FEE', 'Bank fee', 'bank_fee', '6200', 'expense', 'journal', 'none'),
    ('WITHHELD', 'Withholding tax', 'withholding_tax', '1300', 'asset', 'journal', 'none')
  ) n (code, name, kind, account, account_kind, document, tax_rule)
  JOIN ledger_glaccount a ON a.organization_id = o.id AND a.code = n.account AND a.kind = n.account_kind
 WHERE NOT EXISTS (SELECT 1 FROM billing_reason r WHERE r.organization_id = o.id)
 ORDER BY o.id, n.code;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("billing", "0020_partly_sent"),
        ("accounts", "0003_einvoicing"),
        ("customers", "0003_history"),
        ("ledger", "0007_credit_notes_settle"),
    ]

    operations = [run(ACCOUNTS), run(REASONS)]
