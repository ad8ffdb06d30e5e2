"""The promises of the books, checked from the rows alone: what an auditor would add up again."""

from django.db import connection

# Each query finds what should not exist; its first column says what was found.
RULES = {
    "an entry balances, in its currency and in the organization's, and has two lines (J1)": """
        SELECT e.id FROM ledger_journalentry e LEFT JOIN ledger_journalline l ON l.entry_id = e.id GROUP BY e.id
        HAVING count(l.id) < 2 OR count(l.id) <> e.line_count OR sum(l.amount) <> 0 OR sum(l.organization_amount) <> 0
            OR coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0) <> e.total""",
    "an open item is what its lines say (I1)": """
        SELECT i.id FROM ledger_openitem i LEFT JOIN ledger_journalline l ON l.open_item_id = i.id GROUP BY i.id
        HAVING i.balance <> coalesce(sum(l.amount), 0)
            OR i.organization_balance <> coalesce(sum(l.organization_amount), 0)
            OR i.amount <> coalesce(sum(l.amount) FILTER (WHERE l.opens), 0)""",
    "a balance lies between zero and the amount (I1)": """
        SELECT id FROM ledger_openitem WHERE NOT (balance BETWEEN least(amount, 0) AND greatest(amount, 0))""",
    "an agreement is what its lines and movements say (W7)": """
        SELECT a.id FROM customers_agreement a
         WHERE a.payoff_balance <> (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalline l
                                      WHERE l.agreement_id = a.id)
            OR a.current_balance <> (SELECT coalesce(sum(t.current_effect), 0) FROM ledger_agreementtransaction t
                                      WHERE t.agreement_id = a.id)""",
    "no payment is applied beyond itself (R1)": """
        SELECT p.id FROM collections_payment p JOIN ledger_allocation a ON a.credit_item_id = p.open_item_id
        GROUP BY p.id HAVING sum(coalesce(a.taken, a.amount) * CASE WHEN a.reverses_id IS NULL THEN 1 ELSE -1 END)
                             > p.amount""",
    "currency clearing comes to nothing in the organization's currency (J1)": """
        SELECT g.id FROM ledger_glaccount g JOIN ledger_journalline l ON l.gl_account_id = g.id
         WHERE g.role = 'currency_clearing' GROUP BY g.id HAVING sum(l.organization_amount) <> 0""",
    "a line of no amount in its currency is an exchange difference, and no other is (J1)": """
        SELECT l.id FROM ledger_journalline l JOIN ledger_glaccount g ON g.id = l.gl_account_id
         WHERE (g.role = 'exchange') <> (l.amount = 0)""",
    "the money of a payment is applied, given back, used for bad debt, held, or on account (R1)": """
        SELECT p.id FROM collections_payment p JOIN ledger_openitem i ON i.id = p.open_item_id
         WHERE NOT EXISTS (SELECT 1 FROM collections_paymentreversal x WHERE x.payment_id = p.id)
           AND p.amount + i.balance <>
               (SELECT coalesce(sum(coalesce(a.taken, a.amount)
                                * CASE WHEN a.reverses_id IS NULL THEN 1 ELSE -1 END), 0)
                  FROM ledger_allocation a WHERE a.credit_item_id = i.id)
             + (SELECT coalesce(sum(r.amount), 0) FROM collections_refund r
                 WHERE r.payment_id = p.id
                   AND NOT EXISTS (SELECT 1 FROM collections_refundreversal v WHERE v.refund_id = r.id))
             + (SELECT coalesce(sum(r.amount), 0) FROM collections_recovery r
                 WHERE r.payment_id = p.id
                   AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id))
             + (SELECT coalesce(sum(x.amount), 0) FROM collections_smallexcess x
                 WHERE x.payment_id = p.id
                   AND NOT EXISTS (SELECT 1 FROM collections_smallexcessreversal v WHERE v.excess_id = x.id))
             - (SELECT coalesce(sum(o.balance), 0) FROM collections_holding h
                  JOIN ledger_openitem o ON o.id = h.open_item_id WHERE h.payment_id = p.id)""",
    "no more is recovered than was given up and stands (R1)": """
        SELECT r.id FROM (
            SELECT r.invoice_id AS id, r.allocation_id, sum(r.amount) AS recovered FROM collections_recovery r
             WHERE NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)
             GROUP BY r.invoice_id, r.allocation_id) r
        JOIN billing_invoice i ON i.id = r.id
        JOIN billing_revision n ON n.invoice_id = i.id AND n.number = i.current_revision
        LEFT JOIN ledger_allocation a ON a.id = r.allocation_id
        LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
         WHERE u.id IS NOT NULL OR r.recovered > coalesce(a.amount, n.bad_debt)""",
    "what is held of a payment is what was put there less what was taken": """
        SELECT h.id FROM collections_holding h JOIN ledger_openitem o ON o.id = h.open_item_id
         WHERE o.balance <> o.amount OR -o.amount <> h.amount
             - (SELECT coalesce(sum(r.amount), 0) FROM collections_holdingrelease r WHERE r.holding_id = h.id)""",
    "no payment ever reached an agreement that takes none": """
        SELECT a.id FROM ledger_allocation a JOIN ledger_openitem o ON o.id = a.debit_item_id
        JOIN customers_agreement g ON g.id = o.agreement_id JOIN customers_agreementtype t ON t.id = g.type_id
         WHERE a.kind = 'payment' AND t.payment_segment_type = ''""",
    "the tally of a batch of write-offs is what its items say": """
        SELECT b.id FROM writeoffs_writeoffbatch b WHERE b.tally <> (
          SELECT coalesce(jsonb_object_agg(i.key, jsonb_build_array(
                   i.n::text, trim_scale(i.amount)::text, trim_scale(i.money)::text,
                   trim_scale(i.planned)::text)), '{}')
            FROM (SELECT concat_ws('|', state, undo_state, code) AS key, count(*) AS n, sum(amount) AS amount,
                         sum(money) AS money, sum(planned) AS planned
                    FROM writeoffs_writeoffbatchitem WHERE batch_id = b.id GROUP BY 1) i)""",
    "the transfer account nets to zero": """
        SELECT g.id FROM ledger_glaccount g JOIN ledger_journalline l ON l.gl_account_id = g.id
         WHERE g.role = 'transfer' GROUP BY g.id HAVING sum(l.amount) <> 0 OR sum(l.organization_amount) <> 0""",
    "an act that took a settlement off took off one of its own payment's (R3)": """
        SELECT s.id FROM collections_paymentassignment s JOIN collections_payment p ON p.id = s.payment_id
        LEFT JOIN ledger_allocation a ON a.id = s.removes_id AND a.credit_item_id = p.open_item_id
        LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
         WHERE s.removes_id IS NOT NULL AND u.id IS NULL""",
    "a payment undone holds nothing and pays nothing (R3)": """
        SELECT r.payment_id FROM collections_paymentreversal r JOIN collections_payment p ON p.id = r.payment_id
        JOIN ledger_openitem i ON i.id = p.open_item_id
        WHERE i.amount <> 0 OR i.balance <> 0 OR i.live_settlements <> 0""",
    "a payment is undone once (R3)": """
        SELECT payment_id FROM collections_paymentreversal GROUP BY payment_id HAVING count(*) > 1""",
    "an entry is reversed once (J7)": """
        SELECT reverses_id FROM ledger_journalentry WHERE reverses_id IS NOT NULL
        GROUP BY reverses_id HAVING count(*) > 1""",
    "no revision was made under a live payment (I2)": """
        SELECT r.id FROM billing_revision r JOIN billing_invoice i ON i.id = r.invoice_id
        JOIN ledger_allocation a ON a.debit_item_id = i.open_item_id AND a.kind = 'payment' AND a.reverses_id IS NULL
        LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
        WHERE r.number > 1 AND a.created_at < r.created_at AND (u.id IS NULL OR u.created_at > r.created_at)""",
    "the ledger says what the newest revision says (I3)": """
        SELECT i.id FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id
        LEFT JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision
        WHERE r.id IS NULL OR r.total <> o.amount
           OR i.current_revision <> (SELECT count(*) FROM billing_revision n WHERE n.invoice_id = i.id)""",
    "live payments are counted as they stand (I2)": """
        SELECT i.id FROM ledger_openitem i
        LEFT JOIN ledger_allocation a ON a.debit_item_id = i.id AND a.kind = 'payment'
        WHERE i.kind = 'invoice' GROUP BY i.id
        HAVING i.live_payments <>
                 coalesce(sum(CASE WHEN a.id IS NULL THEN 0 WHEN a.reverses_id IS NULL THEN 1 ELSE -1 END), 0)
            OR i.paid <> coalesce(sum(CASE WHEN a.reverses_id IS NULL THEN a.amount ELSE -a.amount END), 0)""",
    "tax is not relieved for bad debt that was taken back (R3)": """
        SELECT t.id FROM collections_taxrelief t JOIN ledger_allocation u ON u.reverses_id = t.allocation_id
         WHERE NOT EXISTS (SELECT 1 FROM collections_taxreliefreversal v WHERE v.relief_id = t.id)""",
    "numbers have no gap (J4)": """
        SELECT s.kind FROM core_sequence s JOIN LATERAL (
            SELECT count(*) AS used, max(sequence_number) AS last FROM (
                SELECT sequence_number FROM billing_invoice d
                 WHERE s.kind = 'invoice' AND d.organization_id = s.organization_id AND sequence_number IS NOT NULL
                UNION ALL SELECT sequence_number FROM billing_creditnote d
                 WHERE s.kind = 'credit_note' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM collections_payment d
                 WHERE s.kind = 'payment' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM collections_refund d
                 WHERE s.kind = 'refund' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM collections_bouncefee d
                 WHERE s.kind = 'bounce_fee' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM collections_taxreliefclaim d
                 WHERE s.kind = 'tax_relief' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM collections_recovery d
                 WHERE s.kind = 'recovery' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM writeoffs_writeoff d
                 WHERE s.kind = 'write_off' AND d.organization_id = s.organization_id
                UNION ALL SELECT sequence_number FROM writeoffs_debttransfer d
                 WHERE s.kind = 'debt_transfer' AND d.organization_id = s.organization_id) d) n ON true
        WHERE s.kind IN ('write_off', 'debt_transfer', 'invoice', 'payment', 'credit_note', 'refund', 'recovery',
                         'tax_relief', 'bounce_fee')
          AND (n.used <> s.last OR coalesce(n.last, 0) <> s.last)""",
    "a credit note is what its lines and its settlements say (R1)": """
        SELECT c.id FROM billing_creditnote c LEFT JOIN billing_creditnoteline l ON l.credit_note_id = c.id
        GROUP BY c.id HAVING c.net <> coalesce(sum(l.net), 0) OR c.tax <> coalesce(sum(l.tax), 0)
            OR c.line_count <> count(l.id)
            OR c.total <> (SELECT coalesce(sum(a.amount), 0) FROM ledger_allocation a WHERE a.id IN
                 (SELECT x.allocation_id FROM billing_creditnoteline x WHERE x.credit_note_id = c.id))""",
    "a credit note that was reversed settles nothing (R3)": """
        SELECT r.credit_note_id FROM billing_creditnotereversal r
        JOIN billing_creditnoteline l ON l.credit_note_id = r.credit_note_id
        LEFT JOIN ledger_allocation u ON u.reverses_id = l.allocation_id WHERE u.id IS NULL""",
    "the control account is its open items and its agreements (J9)": """
        SELECT o.id FROM accounts_organization o, LATERAL (SELECT
            (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalline l
               JOIN ledger_glaccount g ON g.id = l.gl_account_id
              WHERE g.organization_id = o.id AND g.role = 'receivables') AS control,
            (SELECT coalesce(sum(i.balance), 0) FROM ledger_openitem i
               JOIN ledger_glaccount g ON g.id = i.gl_account_id
              WHERE g.organization_id = o.id AND g.role = 'receivables') AS items,
            (SELECT coalesce(sum(a.payoff_balance), 0) FROM customers_agreement a
               JOIN customers_agreementtype t ON t.id = a.type_id JOIN ledger_glaccount g ON g.id = t.gl_account_id
              WHERE g.organization_id = o.id AND g.role = 'receivables') AS agreements) s
        WHERE s.control <> s.items OR s.items <> s.agreements""",
    "nothing was posted into a month while it was closed (J5)": """
        SELECT e.id FROM ledger_journalentry e JOIN ledger_period p ON p.organization_id = e.organization_id
          AND p.month = date_trunc('month', e.posting_date)::date WHERE e.posted_at > p.closed_at""",
}


def broken() -> dict[str, list[object]]:
    """Each promise that does not hold, with up to five of the rows that break it. Empty in sound books."""
    found = {}
    with connection.cursor() as cursor:
        for promise, query in RULES.items():
            cursor.execute(f"SELECT * FROM ({query}) AS faults LIMIT 5")
            rows = [row[0] for row in cursor.fetchall()]
            if rows:
                found[promise] = rows
    return found
