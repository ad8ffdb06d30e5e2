"""Attacks that are written for one trigger, where copies of rows say too little: whole documents of which one thing is
wrong, and steps of which the last is refused. Each is refused by its trigger alone, at the latest at commit."""

from tests.dropped.documents import (
    BARRED,
    EXPORT,
    FEE,
    ITEM,
    OF_THE_PAYER,
    OWED,
    PAID,
    PAYMENT,
    RECOVERY,
    REFUND,
    TRANSFER,
    WRITE_OFF,
    credit_note,
    debt,
    exported,
    fee,
    given_up,
    giving_up,
    moved,
    on_debt,
    payment,
    recovered_loss,
    recovery,
    refund,
    revisable,
    taken_back,
    written_off,
)  # fmt: skip
from tests.dropped.phrases import (
    NOTHING_ELSE,
    SETTLEMENT,
    billed_nothing,
    booked,
    copy,
    line,
    mirrored,
    newest,
    numbered,
    posted,
    revised,
    then,
    twice,
)  # fmt: skip

REQUEST, DECISION, ASKED = "approvals_approvalrequest", "approvals_approvaldecision", "collections_payoffrequest"
WAITING = {"state": "waiting", "decided_by_id": None, "decided_at": None, "decision_note": "", "subject_id": 999}
DECIDED = {"level": 1, "verdict": "approved", "on_behalf_of_id": None, "delegation_id": None}
ENDED = {"ended_on": "2026-11-22", "ended_because": "cancelled"}
POSTS_NOTHING = {"amount": 0, "entry_id": None, "reverses_id": None}
LATER = "now() + interval '1 day'"
SAME = "{0}.organization_id = t.organization_id"
STANDS = (
    "f.id = (SELECT min(b.id) FROM writeoffs_bankruptcy b WHERE NOT EXISTS (SELECT 1 FROM"
    " writeoffs_bankruptcywithdrawal v WHERE v.bankruptcy_id = b.id))"
)
BANKRUPT = f"(SELECT min(w.id) FROM {WRITE_OFF} w WHERE w.method = 'bankruptcy')"


def closed_agreement(column: str) -> str:
    return f"(SELECT {column} FROM customers_agreement a WHERE a.state = 'closed' AND {SAME.format('a')} LIMIT 1)"


def delegated(column: str) -> str:
    """Of a delegation and whom it went to."""
    found = "approvals_delegation d JOIN accounts_membership m ON m.id = d.to_id"
    return f"(SELECT {column} FROM {found} ORDER BY d.id LIMIT 1)"


def item_grows(by: int, where: str) -> str:
    """More is on an open item than its document says."""
    return (
        f"UPDATE {ITEM} SET amount = amount + {by} WHERE id = (SELECT min(id) FROM {ITEM}"
        f" WHERE {where} AND amount <> 0 AND NOT voided)"
    )


APPROVALS = {
    f"{DECISION} aa_stands_in": then(
        copy(REQUEST, changed={**WAITING, "levels": 2}),
        copy(DECISION, changed=DECIDED, request_id=newest(REQUEST), delegation_id=delegated("d.id"),
             on_behalf_of_id=delegated("m.user_id")),
    ),
    f"{DECISION} ab_decided_in_turn": then(
        copy(REQUEST, changed={**WAITING, "levels": 3}),
        copy(DECISION, changed={**DECIDED, "level": 2}, request_id=newest(REQUEST)),
    ),
    f"{DECISION} zz_decision_carried_out": then(
        copy(REQUEST, changed=WAITING), copy(DECISION, changed=DECIDED, request_id=newest(REQUEST)),
    ),
    "approvals_approvalquestion ac_answered_once": twice(
        "approvals_approvalquestion", "answer = 'Because', answered_at = now(), answered_by_id ="
        f" (SELECT r.requested_by_id FROM {REQUEST} r WHERE r.id = request_id)", "answer = 'Something else'",
    ),
    f"{REQUEST} ab_known_reason": copy(REQUEST, changed={**WAITING, "reason_key": "billing.reason:999999"}),
    f"{REQUEST} zz_state_was_decided": then(
        copy(REQUEST, changed=WAITING),
        f"UPDATE {REQUEST} SET state = 'approved', decided_at = now(), decided_by_id = (SELECT min(decided_by_id) FROM"
        f" {DECISION}) WHERE id = {newest(REQUEST)}",
    ),
    "approvals_delegation ac_ended_once": twice(
        "approvals_delegation", "ended_at = now(), ended_by_id = created_by_id", f"ended_at = {LATER}",
    ),
}  # fmt: skip

OVER = {  # what has ended stays as it is
    "automated_processagreement ac_left_stays": twice(
        "automated_processagreement", "active = false, left_at = now(), left_because = 'below'", f"left_at = {LATER}",
    ),
    "automated_referral ac_cancelled_stays": twice(
        "automated_referral", "active = false, cancelled_at = now()", f"cancelled_at = {LATER}",
    ),
    "automated_writeoffprocess ac_ended_stays": twice(
        "automated_writeoffprocess", "state = 'inactive', ended_at = now(), ended_because = 'closed'",
        f"ended_at = {LATER}",
    ),
    "billing_dispatch ac_dispatch_moved":
        "UPDATE billing_dispatch SET state = 'waiting', sent_at = NULL WHERE state = 'sent'",
    "credit_control_dispute ac_closed_once": twice(
        "credit_control_dispute", "state = 'withdrawn', decision = 'withdrawn', closed_at = now(), closed_by_id ="
        " opened_by_id", f"closed_at = {LATER}",
    ),
    "credit_control_reminder ac_reminder_moved":
        "UPDATE credit_control_reminder SET state = 'waiting', sent_at = NULL WHERE state = 'sent'",
    f"{EXPORT} zz_withdrawn": twice(
        EXPORT, "withdrawn_at = now(), withdrawn_by_id = created_by_id, withdrawn_reason = 'Wrong'",
        f"withdrawn_at = {LATER}",
    ),
}  # fmt: skip

NUMBERS = {  # invented ones, on documents that are right otherwise
    "billing_creditnote zz_numbers_taken": credit_note("FRESH-1"),
    "billing_einvoice zz_numbers_taken": numbered(
        "billing_einvoice", "einvoice_correction", "FRESH-1", "f.kind = 'invoice'",
        {"kind": "correction", "document_type": "381", "net": 0, "tax": 0, "total": 0},
    ),
    "billing_invoice zz_numbers_taken": billed_nothing(999_999),
    f"{FEE} zz_numbers_taken": fee("FRESH-1"),
    f"{PAYMENT} zz_numbers_taken": payment("FRESH-1"),
    f"{RECOVERY} zz_numbers_taken": recovery("FRESH-1"),
    f"{REFUND} zz_numbers_taken": refund("FRESH-1"),
    f"{EXPORT} zz_numbers_taken": exported("FRESH-1"),
    f"{TRANSFER} zz_numbers_taken": moved("FRESH-1"),
    f"{WRITE_OFF} zz_numbers_taken": written_off("FRESH-1", "distribution"),
}  # fmt: skip

BILLING = {
    "billing_einvoice zz_einvoice_credits": numbered(
        "billing_einvoice", "einvoice_correction", "", "f.kind = 'credit_note'",
        {"kind": "correction", "document_type": "383", "net": 3, "tax": 0, "total": 3},
    ),
    "billing_invoice ac_on_service": billed_nothing(
        None, agreement_id=closed_agreement("a.id"), account_id=closed_agreement("a.account_id")
    ),
    "billing_revision zz_loss_revised": then(
        revised(OF_THE_PAYER, {"bad_debt": 3, "line_count": 3},
                also=f"{line(98, 'charge', 3)} UNION ALL {line(99, 'bad_debt', -3)}"),
        recovery(allocation_id="NULL::bigint", invoice_id=OF_THE_PAYER),
        revised(OF_THE_PAYER, {"bad_debt": 0, "line_count": 1}, " AND t.line_no < 98"),
    ),
    "billing_revision zz_revision_bills": revised(
        revisable(),
        line_load_id=f"(SELECT max(b.id) FROM billing_load b WHERE {SAME.format('b')} AND b.id <> t.load_id)",
    ),
    "billing_revision zz_revision_made": revised(PAID),
    "billing_revision zz_revision_taxed": revised(
        OF_THE_PAYER, {"tax": 1}, net="t.net - 1", line_net="t.net - 1", line_tax="1",
        line_tax_code_id=f"(SELECT min(x.id) FROM billing_taxcode x WHERE {SAME.format('x')})",
    ),
}  # fmt: skip

COLLECTIONS = {
    "collections_batchitem ac_item_moves":
        "UPDATE collections_batchitem b SET state = 'done', resolution_id ="
        " (SELECT min(r.id) FROM collections_resolution r WHERE r.organization_id = b.organization_id)",
    "collections_paymentreversal zz_pay_offs_fall": then(
        mirrored(giving_up("a.entry_id"), giving_up("a.id")), taken_back(giving_up("p.id"), "deleted"),
    ),
    "collections_payoff zz_pay_off_granted": then(
        copy(ASKED, invoice_id=given_up("l.invoice_id"), amount=given_up("l.total"), reason_id=given_up("c.reason_id")),
        copy("collections_payoff", asked_id=newest(ASKED), allocation_id=given_up("l.allocation_id"),
             credit_note_id=given_up("l.credit_note_id"),
             **{name: f"(SELECT q.{name} FROM {ASKED} q ORDER BY q.id DESC LIMIT 1)"
                for name in ("payment_id", "invoice_id", "reason_id", "amount", "currency")}),
    ),
    "collections_payoffpolicy ac_over_account":
        "UPDATE collections_payoffpolicy p SET over_account_id = (SELECT min(g.id) FROM ledger_glaccount g"
        " WHERE g.organization_id = p.organization_id AND g.kind <> 'income')",
    "collections_payoffpolicy ac_pay_off_reason":
        "UPDATE collections_payoffpolicy p SET reason_id = (SELECT min(r.id) FROM billing_reason r"
        " WHERE r.organization_id = p.organization_id AND r.kind NOT IN ('bad_debt', 'small_difference'))",
    f"{RECOVERY} zz_recovery_made": recovery(allocation_id="NULL::bigint"),
    "collections_taxrelief zz_tax_relief_made": then(
        copy("collections_taxrelief"),
        booked("collections_taxrelief", "collections.taxrelief", "(SELECT min(f.id) FROM collections_taxrelief f)"),
    ),
    "collections_taxrelief zz_tax_relief_posted": copy(
        "collections_taxrelief", changed={"base": 1, "amount": 1}, invoice_id=given_up("l.invoice_id"),
        allocation_id=given_up("l.allocation_id"),
    ),
    "credit_control_collectionprocess ac_process_started": copy("credit_control_collectionprocess", changed=ENDED),
    "credit_control_dispute zz_dispute_opened": copy("credit_control_dispute", changed={"amount": 999_999}),
    "credit_control_plan ac_plan_begins": copy(
        "credit_control_plan", changed=ENDED,
        agreement_id="(SELECT min(a.id) FROM customers_agreement a JOIN customers_agreementtype y ON y.id = a.type_id"
                     f" WHERE y.special_role = 'write_off' AND {SAME.format('a')})",
    ),
}  # fmt: skip

LEDGER = {
    "audit_seal zz_chain_grows": copy(
        "audit_seal", changed={"kind": "event"},
        number=f"(SELECT max(s.number) + 1 FROM audit_seal s WHERE {SAME.format('s')})",
        row_id=f"(SELECT max(e.id) FROM core_event e WHERE {SAME.format('e')})",
    ),
    "customers_agreement zz_agreement_state":
        f"UPDATE customers_agreement SET state = 'cancelled' WHERE id = {debt('a.id', OWED)}",
    "customers_agreementtype ab_type_in_use":
        "UPDATE customers_agreementtype y SET gl_account_id = (SELECT max(g.id) FROM ledger_glaccount g"
        " WHERE g.organization_id = y.organization_id) WHERE y.id = (SELECT min(type_id) FROM customers_agreement)",
    f"{SETTLEMENT} zz_applied_alone": copy(
        SETTLEMENT, "f.kind = 'payment' AND f.reverses_id IS NULL AND f.entry_id IS NOT NULL AND NOT EXISTS (SELECT 1"
        " FROM ledger_openitem o WHERE o.voided AND o.id IN (f.debit_item_id, f.credit_item_id))", {"amount": 0},
    ),
    f"{SETTLEMENT} zz_credit_settled": copy(SETTLEMENT, "f.kind = 'credit_note'", POSTS_NOTHING),
    f"{SETTLEMENT} zz_loss_taken_back": then(
        mirrored(recovered_loss("a.entry_id"), recovered_loss("a.id")),
        copy("billing_creditnotereversal", credit_note_id="(SELECT l.credit_note_id FROM billing_creditnoteline l"
             f" WHERE l.allocation_id = {recovered_loss('a.id')})"),
    ),
    f"{SETTLEMENT} zz_no_payment_settles": copy(
        SETTLEMENT, "f.kind = 'payment' AND EXISTS (SELECT 1 FROM ledger_openitem o WHERE o.id = f.credit_item_id"
        " AND NOT o.voided)", POSTS_NOTHING, debit_item_id=debt("o.id", BARRED),
    ),
    f"{SETTLEMENT} zz_settled_by_move": copy(SETTLEMENT, "f.kind = 'moved'", POSTS_NOTHING),
    f"{SETTLEMENT} zz_settled_by_transfer": copy(SETTLEMENT, "f.kind = 'transfer'", POSTS_NOTHING),
    "ledger_exchangerate ac_rate_written": copy("ledger_exchangerate", changed={"version": 9, "reason": "Mistyped"}),
    "ledger_journalentry zz_period_open": then(
        "INSERT INTO ledger_period (organization_id, month, closed_at, closed_by_id)"
        " SELECT id, '2031-01-01', now(), (SELECT min(id) FROM accounts_user) FROM accounts_organization",
        posted(("1000", 5, NOTHING_ELSE), ("4000", -5, NOTHING_ELSE), day="2031-01-05"),
    ),
    f"{ITEM} zz_item_charged": item_grows(1, "kind = 'fee'"),
    f"{ITEM} zz_item_held": item_grows(-1, "kind IN ('deposit', 'overpayment')"),
    f"{ITEM} zz_item_invoiced": item_grows(1, "kind = 'invoice'"),
    f"{ITEM} zz_item_paid": item_grows(-1, "kind = 'payment'"),
    "ledger_journalline zz_line_settles": posted(("1000", 5, NOTHING_ELSE), on_debt(OWED, -5, False)),
    "ledger_journalline zz_no_money_moves": posted(on_debt(BARRED, 5, True), ("1000", -5, NOTHING_ELSE)),
    "ledger_journalline zz_transfers_net": posted(("transfer", 5, NOTHING_ELSE), ("4000", -5, NOTHING_ELSE)),
}  # fmt: skip

WRITE_OFFS = {
    "writeoffs_bankruptcy zz_bankruptcy_once": then(
        copy("customers_account", f"f.id = (SELECT f.account_id FROM writeoffs_bankruptcy f WHERE {STANDS})",
             {"number": "FRESH-1"}),
        copy("writeoffs_bankruptcy", STANDS, new_account_id=newest("customers_account")),
    ),
    f"{WRITE_OFF} zz_bankruptcy_stands": written_off("", "bankruptcy"),
    "writeoffs_writeoffitem zz_bankrupt_items": then(
        copy(ITEM, f"f.id = {debt('o.id', 'o.kind = ' + repr('write_off') + ' AND NOT ' + BARRED)}",
             number=f"(SELECT w.number FROM {WRITE_OFF} w WHERE w.id = {BANKRUPT})"),
        copy("writeoffs_writeoffitem", f"f.write_off_id = {BANKRUPT}", open_item_id=newest(ITEM),
             agreement_id=f"(SELECT i.agreement_id FROM ledger_openitem i WHERE i.id = {newest(ITEM)})"),
    ),
}  # fmt: skip

WRITTEN: dict[str, str] = {
    **APPROVALS, **OVER, **NUMBERS, **BILLING, **COLLECTIONS, **LEDGER, **WRITE_OFFS,
}  # fmt: skip
