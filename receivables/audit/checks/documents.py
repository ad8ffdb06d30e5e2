"""Checks of invoices, their revisions, and credit notes."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.checks.base import Check, Rows

INVOICE = Rows(_("invoice"), "invoice")
CREDIT_NOTE = Rows(_("credit note"), "credit_note")

CHECKS = (
    Check(
        "I2", "no_revision_under_a_payment",
        _("No invoice was changed while a payment of it stood."),
        INVOICE,
        sql="""
        SELECT DISTINCT i.organization_id, i.id FROM billing_revision r JOIN billing_invoice i ON i.id = r.invoice_id
          JOIN ledger_allocation a ON a.debit_item_id = i.open_item_id AND a.kind = 'payment' AND a.reverses_id IS NULL
          LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
         WHERE r.number > 1 AND a.created_at < r.created_at AND (u.id IS NULL OR u.created_at > r.created_at)""",
    ),
    Check(
        "I3", "the_ledger_says_the_newest_revision",
        _("The ledger says what the newest revision of an invoice says, and every revision is still there."),
        INVOICE,
        sql="""
        SELECT i.organization_id, i.id FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id
          LEFT JOIN billing_revision r ON r.invoice_id = i.id AND r.number = i.current_revision
         WHERE r.id IS NULL OR r.total <> o.amount OR r.currency <> o.currency
            OR i.current_revision <> (SELECT count(*) FROM billing_revision n WHERE n.invoice_id = i.id)""",
    ),
    Check(
        "I3", "revisions_add_up",
        _("A revision is what its lines add up to."),
        INVOICE,
        sql="""
        SELECT r.organization_id, r.invoice_id AS id FROM billing_revision r
          LEFT JOIN billing_revisionline l ON l.revision_id = r.id
         GROUP BY r.organization_id, r.invoice_id, r.id
        HAVING (r.line_count, r.net, r.total) IS DISTINCT FROM
               (count(l.id)::int, coalesce(sum(l.net), 0), r.net + r.tax)""",
    ),
    Check(
        "I3", "credit_notes_add_up",
        _("A credit note is what its lines and its settlements say."),
        CREDIT_NOTE,
        sql="""
        SELECT c.organization_id, c.id FROM billing_creditnote c
          LEFT JOIN billing_creditnoteline l ON l.credit_note_id = c.id
         GROUP BY c.organization_id, c.id
        HAVING c.net <> coalesce(sum(l.net), 0) OR c.tax <> coalesce(sum(l.tax), 0) OR c.line_count <> count(l.id)
            OR c.total <> (SELECT coalesce(sum(a.amount), 0) FROM ledger_allocation a WHERE a.id IN
                 (SELECT x.allocation_id FROM billing_creditnoteline x WHERE x.credit_note_id = c.id))""",
    ),
    Check(
        "R3", "reversed_credit_notes_settle_nothing",
        _("A credit note that was reversed settles nothing."),
        CREDIT_NOTE,
        sql="""
        SELECT DISTINCT r.organization_id, r.credit_note_id AS id FROM billing_creditnotereversal r
          JOIN billing_creditnoteline l ON l.credit_note_id = r.credit_note_id
          LEFT JOIN ledger_allocation u ON u.reverses_id = l.allocation_id WHERE u.id IS NULL""",
    ),
)  # fmt: skip
