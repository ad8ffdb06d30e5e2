"""Checks of the journal: entries, their lines, numbers and months."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.checks.base import Check, Rows

ENTRY = Rows(_("journal entry"), "journal_entry")

# Kind of number -> the documents that carry it.
NUMBERED = {
    "bounce_fee": "collections_bouncefee",
    "credit_note": "billing_creditnote",
    "debt_transfer": "writeoffs_debttransfer",
    "einvoice_correction": "billing_einvoice",
    "invoice": "billing_invoice",
    "ledger_export": "ledger_exports_ledgerexport",
    "payment": "collections_payment",
    "recovery": "collections_recovery",
    "refund": "collections_refund",
    "tax_relief": "collections_taxreliefclaim",
    "write_off": "writeoffs_writeoff",
}
_USED = " UNION ALL ".join(
    f"SELECT organization_id, '{kind}' AS kind, sequence_number FROM {table} WHERE sequence_number IS NOT NULL"  # noqa: S608
    for kind, table in NUMBERED.items()
)
_KINDS = ", ".join(f"'{kind}'" for kind in NUMBERED)

CHECKS = (
    Check(
        "J1", "entries_balance",
        _("Every entry balances in its currency and in the organization's, has two lines, and is what its header "
          "says."),
        ENTRY,
        sql="""
        SELECT e.organization_id, e.id FROM ledger_journalentry e LEFT JOIN ledger_journalline l ON l.entry_id = e.id
         GROUP BY e.organization_id, e.id
        HAVING count(l.id) < 2 OR count(l.id) <> e.line_count
            OR (sum(l.amount), sum(l.organization_amount),
                coalesce(sum(l.amount) FILTER (WHERE l.amount > 0), 0),
                coalesce(sum(l.organization_amount) FILTER (WHERE l.organization_amount > 0), 0))
               IS DISTINCT FROM (0::numeric, 0::numeric, e.total, e.organization_total)""",
    ),
    Check(
        "J1", "clearing_is_empty",
        _("Currency clearing comes to nothing in the organization's currency."),
        Rows(_("GL account"), "gl_account"),
        sql="""
        SELECT g.organization_id, g.id FROM ledger_glaccount g JOIN ledger_journalline l ON l.gl_account_id = g.id
         WHERE g.role = 'currency_clearing' GROUP BY g.organization_id, g.id HAVING sum(l.organization_amount) <> 0""",
    ),
    Check(
        "J2", "lines_are_money",
        _("A line has an amount with no more decimals than its currency has, and of no amount in its currency are "
          "exchange differences alone."),
        ENTRY,
        sql="""
        SELECT DISTINCT l.organization_id, l.entry_id AS id FROM ledger_journalline l
          JOIN ledger_glaccount g ON g.id = l.gl_account_id JOIN accounts_organization o ON o.id = l.organization_id
          JOIN ledger_journalentry e ON e.id = l.entry_id
         WHERE l.currency <> e.currency OR NOT money_ok(l.amount, l.currency)
            OR NOT money_ok(l.organization_amount, o.currency) OR (l.amount = 0 AND l.organization_amount = 0)
            OR (g.role = 'exchange') <> (l.amount = 0)
            OR (l.currency = o.currency AND l.organization_amount <> l.amount)""",
    ),
    Check(
        "J3", "lines_are_numbered",
        _("An entry has the lines it was posted with: numbered from 1 without a gap."),
        ENTRY,
        sql="""
        SELECT l.organization_id, l.entry_id AS id FROM ledger_journalline l GROUP BY l.organization_id, l.entry_id
        HAVING min(l.line_no) <> 1 OR max(l.line_no) <> count(*)""",
    ),
    Check(
        "J4", "numbers_have_no_gap",
        _("Document numbers run from 1 without a gap, in each organization and kind."),
        Rows(_("numbering")),
        sql=f"""
        SELECT s.organization_id, s.id FROM core_sequence s
          LEFT JOIN (SELECT d.organization_id, d.kind, count(*) AS used, count(DISTINCT sequence_number) AS numbers,
                            min(sequence_number) AS first, max(sequence_number) AS last
                       FROM ({_USED}) d GROUP BY d.organization_id, d.kind) n
            ON n.organization_id = s.organization_id AND n.kind = s.kind
         WHERE s.kind IN ({_KINDS})
           AND (coalesce(n.used, 0) <> s.last OR coalesce(n.numbers, 0) <> s.last OR coalesce(n.last, 0) <> s.last
                OR n.first <> 1)""",  # noqa: S608 - our own names
    ),
    Check(
        "J5", "closed_months_are_closed",
        _("Nothing was posted into a month while it was closed."),
        ENTRY,
        sql="""
        SELECT e.organization_id, e.id FROM ledger_journalentry e
          JOIN ledger_period p ON p.organization_id = e.organization_id
           AND p.month = date_trunc('month', e.posting_date)::date
         WHERE e.posted_at > p.closed_at""",
    ),
    Check(
        "J6", "sources_post_once",
        _("What happened is posted once for each kind of posting."),
        ENTRY,
        sql="""
        SELECT organization_id, id FROM (
            SELECT organization_id, id, row_number() OVER (
                     PARTITION BY organization_id, source_type, source_id, kind ORDER BY id) AS time
              FROM ledger_journalentry) e
         WHERE time > 1""",
    ),
    Check(
        "J7", "reversals_mirror_once",
        _("An entry is reversed once at most, in its own organization, and line by line."),
        ENTRY,
        sql="""
        SELECT e.organization_id, e.id FROM ledger_journalentry e
          LEFT JOIN ledger_journalentry r ON r.id = e.reverses_id
         WHERE e.reverses_id IS NOT NULL
           AND ((r.organization_id, r.currency) IS DISTINCT FROM (e.organization_id, e.currency)
             OR EXISTS (SELECT 1 FROM ledger_journalentry b WHERE b.reverses_id = e.reverses_id AND b.id < e.id)
             OR EXISTS (
               SELECT 1 FROM (SELECT * FROM ledger_journalline WHERE entry_id = e.id) n
                 FULL JOIN (SELECT * FROM ledger_journalline WHERE entry_id = e.reverses_id) o USING (line_no)
                WHERE (o.gl_account_id, o.open_item_id, o.opens, o.agreement_id, o.for_agreement_id, -o.amount,
                       -o.organization_amount)
                      IS DISTINCT FROM (n.gl_account_id, n.open_item_id, n.opens, n.agreement_id, n.for_agreement_id,
                                        n.amount, n.organization_amount)))""",
    ),
    Check(
        "J9", "control_account_ties",
        _("The receivables control account is the open items on it, and the agreements on it."),
        Rows(_("organization")),
        sql="""
        SELECT o.id AS organization_id, o.id FROM accounts_organization o, LATERAL (SELECT
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
    ),
    Check(
        "J9", "lines_fit_their_items",
        _("A line that moves an open item is on its account, in its currency and for its agreement, and nothing is "
          "booked to receivables or unapplied money without an item."),
        ENTRY,
        sql="""
        SELECT DISTINCT l.organization_id, l.entry_id AS id FROM ledger_journalline l
          JOIN ledger_glaccount g ON g.id = l.gl_account_id LEFT JOIN ledger_openitem i ON i.id = l.open_item_id
         WHERE (l.open_item_id IS NULL AND g.role IN ('receivables', 'unapplied'))
            OR (l.open_item_id IS NOT NULL AND (i.gl_account_id, i.currency, i.agreement_id)
                                               IS DISTINCT FROM (l.gl_account_id, l.currency, l.agreement_id))""",
    ),
    Check(
        "J10", "posted_in_order",
        _("What was known on a day stays known: no entry says it was posted a day or more before one posted earlier."),
        ENTRY,
        sql="""
        SELECT organization_id, id FROM (
            SELECT organization_id, id, posted_at, max(posted_at) OVER (
                     PARTITION BY organization_id ORDER BY id ROWS UNBOUNDED PRECEDING) AS latest
              FROM ledger_journalentry) e
         WHERE posted_at < latest - interval '1 day'""",
    ),
    Check(
        "J10", "totals_are_their_lines",
        _("The totals that the trial balance starts from are what the lines counted in them add up to."),
        Rows(_("GL account"), "gl_account"),
        sql="""
        SELECT DISTINCT organization_id, gl_account_id AS id FROM (
            SELECT organization_id, gl_account_id, day, amount FROM ledger_accounttotal
            UNION ALL
            SELECT e.organization_id, l.gl_account_id, e.posting_date, -l.organization_amount FROM ledger_counted c
              JOIN ledger_journalentry e ON e.organization_id = c.organization_id AND e.id <= c.through
              JOIN ledger_journalline l ON l.entry_id = e.id) m
         GROUP BY organization_id, gl_account_id, day HAVING sum(amount) <> 0""",
    ),
)  # fmt: skip
