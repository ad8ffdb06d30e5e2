"""Checks of open items, settlements and agreements: every balance is added up again."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.checks.base import Check, Rows

ITEM = Rows(_("open item"), "open_item")
AGREEMENT = Rows(_("agreement"), "agreement")

CHECKS = (
    Check(
        "I1", "items_are_their_lines",
        _("What is open of a document, and its amount, are what its journal lines say."),
        ITEM,
        sql="""
        SELECT i.organization_id, i.id FROM ledger_openitem i LEFT JOIN ledger_journalline l ON l.open_item_id = i.id
         GROUP BY i.organization_id, i.id
        HAVING (i.balance, i.organization_balance, i.amount, i.organization_amount) IS DISTINCT FROM
               (coalesce(sum(l.amount), 0), coalesce(sum(l.organization_amount), 0),
                coalesce(sum(l.amount) FILTER (WHERE l.opens), 0),
                coalesce(sum(l.organization_amount) FILTER (WHERE l.opens), 0))""",
    ),
    Check(
        "J10", "items_know_their_days",
        _("A document knows when it was posted to first and last, from which the ageing of a day is read."),
        ITEM,
        sql="""
        SELECT i.organization_id, i.id FROM ledger_openitem i
          LEFT JOIN ledger_journalline l ON l.open_item_id = i.id LEFT JOIN ledger_journalentry e ON e.id = l.entry_id
         GROUP BY i.organization_id, i.id
        HAVING (i.first_posted, i.last_posted, i.moved_at)
               IS DISTINCT FROM (min(e.posting_date), max(e.posting_date), max(e.posted_at))""",
    ),
    Check(
        "I1", "balances_are_within_amounts",
        _("What is open lies between nothing and the amount of the document."),
        ITEM,
        sql="""
        SELECT organization_id, id FROM ledger_openitem
         WHERE (balance BETWEEN least(amount, 0) AND greatest(amount, 0)) IS NOT TRUE
            OR (balance = 0 AND organization_balance <> 0)""",
    ),
    Check(
        "I1", "settlements_are_posted",
        _("What settled a document is what the entries of its settlements took off it."),
        ITEM,
        sql="""
        WITH said AS (
            SELECT organization_id, entry_id, debit_item_id AS item_id,
                   CASE WHEN reverses_id IS NULL THEN -amount ELSE amount END AS moved
              FROM ledger_allocation WHERE entry_id IS NOT NULL
            UNION ALL
            SELECT organization_id, coalesce(taken_entry_id, entry_id), credit_item_id,
                   CASE WHEN reverses_id IS NULL THEN coalesce(taken, amount) ELSE -coalesce(taken, amount) END
              FROM ledger_allocation WHERE entry_id IS NOT NULL AND credit_item_id IS NOT NULL)
        SELECT DISTINCT s.organization_id, s.item_id AS id
          FROM (SELECT organization_id, entry_id, item_id, sum(moved) AS moved FROM said GROUP BY 1, 2, 3) s
         WHERE s.moved <> (SELECT coalesce(sum(l.amount), 0) FROM ledger_journalline l
                            WHERE l.entry_id = s.entry_id AND l.open_item_id = s.item_id AND NOT l.opens)""",
    ),
    Check(
        "W2", "what_is_given_up_has_its_document",
        _("What was given up of a debt says why: a credit note, a difference of a payment, or a small debt closed."),
        ITEM,
        sql="""
        SELECT DISTINCT a.organization_id, a.debit_item_id AS id FROM ledger_allocation a
          LEFT JOIN ledger_journalentry e ON e.id = a.entry_id AND e.source_type = 'automated.writedown'
         WHERE a.kind IN ('bad_debt', 'difference') AND a.reverses_id IS NULL AND e.id IS NULL
           AND NOT EXISTS (SELECT 1 FROM billing_creditnoteline l WHERE l.allocation_id = a.id)
           AND NOT EXISTS (SELECT 1 FROM collections_payoff p WHERE p.allocation_id = a.id)""",
    ),
    Check(
        "I4", "settlements_are_counted",
        _("What an item says of its payments and settlements is what they are."),
        ITEM,
        sql="""
        SELECT i.organization_id, i.id FROM ledger_openitem i
          LEFT JOIN (
            SELECT item_id, sum(direction) AS settlements, sum(direction * payment) AS payments,
                   sum(direction * payment * amount) AS paid
              FROM (SELECT debit_item_id AS item_id, amount, (kind = 'payment')::int AS payment,
                           CASE WHEN reverses_id IS NULL THEN 1 ELSE -1 END AS direction FROM ledger_allocation
                    UNION ALL
                    SELECT credit_item_id, amount, 0, CASE WHEN reverses_id IS NULL THEN 1 ELSE -1 END
                      FROM ledger_allocation WHERE credit_item_id IS NOT NULL) a
             GROUP BY item_id) s ON s.item_id = i.id
         WHERE (i.live_settlements, i.live_payments, i.paid)
               <> (coalesce(s.settlements, 0), coalesce(s.payments, 0), coalesce(s.paid, 0))""",
    ),
    Check(
        "I2", "void_documents_hold_nothing",
        _("A void document is settled by nothing, and nothing of it is open."),
        ITEM,
        sql="""
        SELECT i.organization_id, i.id FROM ledger_openitem i LEFT JOIN billing_invoice n ON n.open_item_id = i.id
         WHERE (i.voided AND (i.live_settlements <> 0 OR i.balance <> 0))
            OR (n.id IS NOT NULL AND i.voided <> (n.voided_at IS NOT NULL))""",
    ),
    Check(
        "R3", "settlements_are_undone_exactly",
        _("A settlement is undone once, and by its exact mirror."),
        ITEM,
        sql="""
        SELECT DISTINCT u.organization_id, u.debit_item_id AS id FROM ledger_allocation u
          LEFT JOIN ledger_allocation a ON a.id = u.reverses_id
         WHERE u.reverses_id IS NOT NULL
           AND (a.reverses_id IS NOT NULL
             OR (a.organization_id, a.kind, a.debit_item_id, a.credit_item_id, a.amount, a.currency, a.taken,
                 a.taken_currency) IS DISTINCT FROM
                (u.organization_id, u.kind, u.debit_item_id, u.credit_item_id, u.amount, u.currency, u.taken,
                 u.taken_currency)
             OR EXISTS (SELECT 1 FROM ledger_allocation b WHERE b.reverses_id = u.reverses_id AND b.id < u.id))""",
    ),
    Check(
        "W7", "agreements_are_their_lines",
        _("The balances of an agreement are what its journal lines and movements say."),
        AGREEMENT,
        sql="""
        SELECT a.organization_id, a.id FROM customers_agreement a
          LEFT JOIN (SELECT agreement_id, sum(amount) AS payoff FROM ledger_journalline
                      WHERE agreement_id IS NOT NULL GROUP BY agreement_id) l ON l.agreement_id = a.id
          LEFT JOIN (SELECT agreement_id, sum(payoff_effect) AS payoff, sum(current_effect) AS current
                       FROM ledger_agreementtransaction GROUP BY agreement_id) t ON t.agreement_id = a.id
         WHERE (a.payoff_balance, a.payoff_balance, a.current_balance)
               <> (coalesce(l.payoff, 0), coalesce(t.payoff, 0), coalesce(t.current, 0))""",
    ),
    Check(
        "W7", "agreement_states_agree",
        _("An agreement that is over owes nothing, and one that was stopped and owes nothing is over."),
        AGREEMENT,
        sql="""
        SELECT a.organization_id, a.id FROM customers_agreement a
         WHERE (a.state = 'closed' AND (a.payoff_balance <> 0 OR a.current_balance <> 0))
            OR (a.state IN ('stopped', 'reactivated') AND a.payoff_balance = 0 AND a.current_balance = 0
                AND NOT a.awaits_final_bill)
            OR (a.state = 'cancelled'
                AND EXISTS (SELECT 1 FROM ledger_agreementtransaction t WHERE t.agreement_id = a.id))""",
    ),
)  # fmt: skip
