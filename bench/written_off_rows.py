"""What the rows of written-off debts must come to, asked of the database: the same as by hand, as before, and sound."""

from typing import Any

# Rows that a set of debts has, and what they sum to: equal for the operation and for the ceiling.
SAME = """
SELECT (SELECT count(*) FROM customers_agreement WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT string_agg(state || n, ',' ORDER BY state) FROM (SELECT state, count(*) AS n FROM customers_agreement
         WHERE account_id BETWEEN %(a)s AND %(b)s GROUP BY state) s),
       (SELECT sum(payoff_balance) FROM customers_agreement WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) FROM writeoffs_writeoff WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(l.amount) FROM writeoffs_writeoffline l JOIN writeoffs_writeoff w
          ON w.id = l.write_off_id WHERE w.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(balance) FROM ledger_openitem WHERE account_id BETWEEN %(a)s AND %(b)s),
       (SELECT string_agg(concat_ws(':', gl_account_id, n, s), ',' ORDER BY gl_account_id) FROM (
          SELECT l.gl_account_id, count(*) AS n, trim_scale(sum(l.amount)) AS s FROM writeoffs_writeoff w
            JOIN ledger_journalentry e ON e.source_type = 'writeoffs.writeoff' AND e.source_id = w.id
            JOIN ledger_journalline l ON l.entry_id = e.id
           WHERE w.account_id BETWEEN %(a)s AND %(b)s GROUP BY 1) x),
       (SELECT count(*) FROM ledger_allocation x JOIN ledger_openitem i ON i.id = x.debit_item_id
         WHERE i.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(x.payoff_effect) FROM ledger_agreementtransaction x JOIN customers_agreement g
          ON g.id = x.agreement_id WHERE g.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) || ':' || sum(cardinality(v.refs)) FROM core_event v JOIN writeoffs_writeoff w
          ON v.subject_id = w.id AND v.name = 'write_off_debt' WHERE w.account_id BETWEEN %(a)s AND %(b)s),
       (SELECT count(*) FROM writeoffs_writeoffbatchitem i WHERE i.state = 'done'
           AND i.account_id BETWEEN %(a)s AND %(b)s)
"""
# Every balance of a set of accounts, and the trial balance of the organization.
BALANCES = """
SELECT (SELECT md5(string_agg(concat_ws(':', id, trim_scale(payoff_balance), trim_scale(current_balance)), ','
                              ORDER BY id))
          FROM customers_agreement g WHERE account_id BETWEEN %(a)s AND %(b)s
           AND NOT EXISTS (SELECT 1 FROM customers_agreementtype t WHERE t.id = g.type_id
                             AND t.special_role = 'write_off')),
       (SELECT md5(string_agg(concat_ws(':', id, trim_scale(amount), trim_scale(balance),
                                        trim_scale(organization_balance), live_settlements), ',' ORDER BY id))
          FROM ledger_openitem
         WHERE account_id BETWEEN %(a)s AND %(b)s AND kind <> 'write_off'),
       (SELECT coalesce(sum(balance), 0) FROM ledger_openitem
         WHERE account_id BETWEEN %(a)s AND %(b)s AND kind = 'write_off'),
       (SELECT string_agg(concat_ws(':', gl_account_id, s), ',' ORDER BY gl_account_id) FROM (
          SELECT gl_account_id, trim_scale(sum(organization_amount)) AS s FROM ledger_journalline GROUP BY 1
          HAVING sum(organization_amount) <> 0) x)
"""
# Over the whole database: what each finds, however the work was cut short, is doubled, lost or out of balance.
BROKEN = {
    "a write-off without a row of a batch, or a row done without its own": """
        SELECT count(*) FROM writeoffs_writeoff w
          FULL JOIN (SELECT * FROM writeoffs_writeoffbatchitem WHERE state = 'done') i ON i.write_off_id = w.id
         WHERE w.id IS NULL OR i.id IS NULL OR i.account_id <> w.account_id OR i.planned <> w.amount""",
    "an account written off twice": """
        SELECT count(*) FROM (SELECT 1 FROM writeoffs_writeoff GROUP BY account_id HAVING count(*) > 1) x""",
    "a write-off without exactly one event": """
        SELECT count(*) FROM (SELECT w.id FROM writeoffs_writeoff w
          LEFT JOIN core_event v ON v.name = 'write_off_debt' AND v.subject_type = 'writeoffs.writeoff'
                                AND v.subject_id = w.id
         GROUP BY w.id HAVING count(v.id) <> 1) x""",
    "an entry that does not balance": """
        SELECT count(*) FROM (SELECT 1 FROM ledger_journalline GROUP BY entry_id
                              HAVING sum(amount) <> 0 OR sum(organization_amount) <> 0) x""",
    "an open item that is not what its lines say": """
        SELECT count(*) FROM (SELECT i.id FROM ledger_openitem i LEFT JOIN ledger_journalline l ON l.open_item_id = i.id
         GROUP BY i.id HAVING i.balance <> coalesce(sum(l.amount), 0)
             OR i.amount <> coalesce(sum(l.amount) FILTER (WHERE l.opens), 0)) x""",
    "an agreement that is not what its lines say": """
        SELECT count(*) FROM (SELECT a.id FROM customers_agreement a
          LEFT JOIN ledger_journalline l ON l.agreement_id = a.id
         GROUP BY a.id HAVING a.payoff_balance <> coalesce(sum(l.amount), 0)) x""",
    "money on the transfer account": """
        SELECT count(*) FROM (SELECT 1 FROM ledger_journalline l JOIN ledger_glaccount g ON g.id = l.gl_account_id
         WHERE g.role = 'transfer' HAVING sum(l.amount) <> 0) x""",
}


def must_be_sound(cursor: Any) -> None:
    """Add everything up again. AssertionError for whatever is doubled, lost or out of balance."""
    for what, query in BROKEN.items():
        cursor.execute(query)
        if found := cursor.fetchone()[0]:
            raise AssertionError(f"{what}: {found}")
