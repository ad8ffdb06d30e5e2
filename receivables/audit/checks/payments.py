"""Checks of payments: where their money is, and what became of it when they were taken back."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.checks.base import Check, Rows

PAYMENT = Rows(_("payment"), "payment")
INVOICE = Rows(_("invoice"), "invoice")

CHECKS = (
    Check(
        "R1", "payments_stay_within_themselves",
        _("No payment is applied beyond its amount."),
        PAYMENT,
        sql="""
        SELECT p.organization_id, p.id FROM collections_payment p
          JOIN ledger_allocation a ON a.credit_item_id = p.open_item_id
         GROUP BY p.organization_id, p.id
        HAVING sum(coalesce(a.taken, a.amount) * CASE WHEN a.reverses_id IS NULL THEN 1 ELSE -1 END) > p.amount""",
    ),
    Check(
        "R1", "payments_are_accounted_for",
        _("The money of a payment is applied, given back, used for bad debt, booked as income, held, or on account."),
        PAYMENT,
        sql="""
        SELECT p.organization_id, p.id FROM collections_payment p JOIN ledger_openitem i ON i.id = p.open_item_id
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
    ),
    Check(
        "R1", "held_money_is_what_was_put_there",
        _("What is held of a payment is what was put there less what was taken."),
        PAYMENT,
        sql="""
        SELECT h.organization_id, h.payment_id AS id FROM collections_holding h
          JOIN ledger_openitem o ON o.id = h.open_item_id
         WHERE o.balance <> o.amount OR -o.amount <> h.amount
             - (SELECT coalesce(sum(r.amount), 0) FROM collections_holdingrelease r WHERE r.holding_id = h.id)""",
    ),
    Check(
        "R2", "changes_over_there_are_recorded_once",
        _("A payment that another system reported is recorded once."),
        PAYMENT,
        sql="""
        SELECT organization_id, payment_id AS id FROM incoming_incomingchange WHERE payment_id IS NOT NULL
         GROUP BY organization_id, payment_id HAVING count(*) > 1""",
    ),
    Check(
        "R3", "undone_payments_pay_nothing",
        _("A payment is taken back once, and then holds nothing and pays nothing."),
        PAYMENT,
        sql="""
        SELECT r.organization_id, r.payment_id AS id FROM collections_paymentreversal r
          JOIN collections_payment p ON p.id = r.payment_id JOIN ledger_openitem i ON i.id = p.open_item_id
         GROUP BY r.organization_id, r.payment_id, i.id
        HAVING count(*) > 1 OR i.amount <> 0 OR i.balance <> 0 OR i.live_settlements <> 0""",
    ),
    Check(
        "R3", "only_own_settlements_are_taken_off",
        _("An act that took a settlement off took off one of its own payment."),
        PAYMENT,
        sql="""
        SELECT DISTINCT s.organization_id, s.payment_id AS id FROM collections_paymentassignment s
          JOIN collections_payment p ON p.id = s.payment_id
          LEFT JOIN ledger_allocation a ON a.id = s.removes_id AND a.credit_item_id = p.open_item_id
          LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
         WHERE s.removes_id IS NOT NULL AND u.id IS NULL""",
    ),
    Check(
        "R4", "pay_offs_fall_with_their_payment",
        _("Bad debt and differences that hung on a payment fell with it."),
        PAYMENT,
        sql="""
        SELECT DISTINCT r.organization_id, r.payment_id AS id FROM collections_paymentreversal r
          JOIN collections_payoff p ON p.payment_id = r.payment_id
         WHERE (p.asked_id IS NULL OR r.kind = 'bounced')
           AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = p.allocation_id)""",
    ),
    Check(
        "R4", "tax_relief_falls_with_its_bad_debt",
        _("Tax is not relieved for bad debt that was taken back."),
        INVOICE,
        sql="""
        SELECT DISTINCT t.organization_id, i.id FROM collections_taxrelief t
          JOIN ledger_allocation u ON u.reverses_id = t.allocation_id
          JOIN billing_invoice i ON i.open_item_id = u.debit_item_id
         WHERE NOT EXISTS (SELECT 1 FROM collections_taxreliefreversal v WHERE v.relief_id = t.id)""",
    ),
    Check(
        "W1", "pay_offs_were_granted",
        _("What was above the pay-off limit stands only where it was granted."),
        PAYMENT,
        sql="""
        SELECT DISTINCT p.organization_id, p.payment_id AS id FROM collections_payoff p
         WHERE p.asked_id IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM approvals_approvalrequest q JOIN django_content_type t ON t.id = q.subject_type_id
             WHERE t.app_label = 'collections' AND t.model = 'payoffrequest' AND q.subject_id = p.asked_id
               AND q.organization_id = p.organization_id AND q.state = 'approved')""",
    ),
    Check(
        "W6", "recovered_within_what_was_given_up",
        _("No more bad debt is recovered than was given up and stands."),
        INVOICE,
        sql="""
        SELECT DISTINCT i.organization_id, i.id FROM (
            SELECT r.invoice_id AS id, r.allocation_id, sum(r.amount) AS recovered FROM collections_recovery r
             WHERE NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)
             GROUP BY r.invoice_id, r.allocation_id) r
          JOIN billing_invoice i ON i.id = r.id
          JOIN billing_revision n ON n.invoice_id = i.id AND n.number = i.current_revision
          LEFT JOIN ledger_allocation a ON a.id = r.allocation_id
          LEFT JOIN ledger_allocation u ON u.reverses_id = a.id
         WHERE u.id IS NOT NULL OR r.recovered > coalesce(a.amount, n.bad_debt)""",
    ),
)  # fmt: skip
