"""Whole documents once more, with all that belongs to them, so that one thing alone is wrong with them; and the rows
that written attacks are about."""

from tests.dropped.phrases import ENTRY, SETTLEMENT, booked, copy, entry_of, mirrored, newest, numbered, then

ITEM, PAYMENT, RECOVERY, REFUND = "ledger_openitem", "collections_payment", "collections_recovery", "collections_refund"
FEE, CREDIT_NOTE, EXPORT = "collections_bouncefee", "billing_creditnote", "ledger_exports_ledgerexport"
WRITE_OFF, TRANSFER = "writeoffs_writeoff", "writeoffs_debttransfer"
BARRED, OWED = "y.payment_segment_type = ''", "o.kind = 'invoice'"  # debt that takes no payment, and other


def debt(column: str, where: str) -> str:
    """Of the oldest open item with something owed on it."""
    return (
        f"(SELECT {column} FROM ledger_openitem o JOIN customers_agreement a ON a.id = o.agreement_id"
        " JOIN customers_agreementtype y ON y.id = a.type_id JOIN ledger_glaccount k ON k.id = o.gl_account_id"
        f" WHERE o.balance > 5 AND NOT o.voided AND {where} ORDER BY o.id LIMIT 1)"
    )


def on_debt(where: str, amount: int, opens: bool) -> tuple[str, int, str]:
    """The line of an entry on it."""
    return debt("k.code", where), amount, f"{debt('o.id', where)}, {debt('a.id', where)}, {opens}"


def given_up(column: str) -> str:
    """Of a credit note for bad debt of the same organization, which no payment has to do with."""
    return (
        f"(SELECT {column} FROM billing_creditnoteline l JOIN billing_creditnote c ON c.id = l.credit_note_id"
        " JOIN billing_reason r ON r.id = c.reason_id WHERE r.kind = 'bad_debt' AND l.organization_id ="
        " t.organization_id AND NOT EXISTS (SELECT 1 FROM collections_payoff p WHERE p.allocation_id ="
        " l.allocation_id) ORDER BY l.id DESC LIMIT 1)"
    )


def giving_up(column: str) -> str:
    """Of a payment with which the rest of an invoice was given up, and what it settled."""
    return (
        f"(SELECT {column} FROM collections_payment p JOIN collections_payoff g ON g.payment_id = p.id"
        " JOIN ledger_allocation a ON a.credit_item_id = p.open_item_id AND a.kind = 'payment'"
        " ORDER BY p.id, a.id LIMIT 1)"
    )


def recovered_loss(column: str) -> str:
    """Of bad debt that is recovered in part."""
    return (
        f"(SELECT {column} FROM ledger_allocation a JOIN collections_recovery r ON r.allocation_id = a.id"
        " WHERE NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id)"
        " ORDER BY a.id LIMIT 1)"
    )


def revisable(more: str = "") -> str:
    """An invoice on which no payment stands."""
    return (
        "(SELECT min(i.id) FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id"
        f" WHERE o.live_payments = 0 AND NOT o.voided AND NOT i.summary{more})"
    )


PAID = (
    "(SELECT min(i.id) FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id"
    " WHERE o.live_payments > 0 AND NOT i.summary)"
)
RECOVERED = f"(SELECT r.payment_id FROM {RECOVERY} r ORDER BY r.id LIMIT 1)"
OF_THE_PAYER = revisable(f" AND i.account_id = (SELECT p.account_id FROM {PAYMENT} p WHERE p.id = {RECOVERED})")


def recovery(number: str = "", **more: str) -> str:
    """The oldest recovery, which was taken back."""
    oldest = f"(SELECT min(f.id) FROM {RECOVERY} f)"
    return then(
        numbered(RECOVERY, "recovery", number, "true", **more), booked(RECOVERY, "collections.recovery", oldest)
    )


def refund(number: str) -> str:
    """The oldest refund, which was taken back."""
    return then(
        numbered(REFUND, "refund", number, "true"),
        booked(REFUND, "collections.refund", f"(SELECT min(f.id) FROM {REFUND} f)"),
    )


def payment(number: str) -> str:
    oldest, item = (f"(SELECT p.{column} FROM {PAYMENT} p ORDER BY p.id LIMIT 1)" for column in ("id", "open_item_id"))
    return then(
        copy(ITEM, f"f.id = {item}", {"number": number}),
        numbered(PAYMENT, "payment", number, "true", open_item_id=newest(ITEM)),
        booked(PAYMENT, "collections.payment", oldest, item),
    )


def taken_back(payment: str, kind: str) -> str:
    """A payment with nothing left on it."""
    return then(
        mirrored(entry_of("collections.payment", payment)),
        copy("collections_paymentreversal", f"f.kind = '{kind}'", payment_id=payment),
    )


def fee(number: str) -> str:
    """A fee for a payment that bounces now."""
    oldest, item = (f"(SELECT p.{column} FROM {FEE} p ORDER BY p.id LIMIT 1)" for column in ("id", "open_item_id"))
    bounced = newest("collections_paymentreversal")
    return then(
        taken_back(RECOVERED, "bounced"),
        copy(ITEM, f"f.id = {item}", {"number": number}),
        numbered(FEE, "bounce_fee", number, "true", open_item_id=newest(ITEM), bounced_id=bounced),
        booked(FEE, "collections.bouncefee", oldest, item),
    )


def credit_note(number: str) -> str:
    """A credit note that stands, on an invoice that owes as much once more."""

    def old(column: str) -> str:
        return (
            f"(SELECT {column} FROM billing_creditnoteline l JOIN billing_invoice i ON i.id = l.invoice_id"
            " JOIN ledger_openitem o ON o.id = i.open_item_id AND o.balance > 5 WHERE NOT EXISTS (SELECT 1 FROM"
            " billing_creditnotereversal v WHERE v.credit_note_id = l.credit_note_id) ORDER BY l.id LIMIT 1)"
        )

    own = {"credit_note_id": newest(CREDIT_NOTE), "allocation_id": newest(SETTLEMENT)}
    return then(
        numbered(CREDIT_NOTE, "credit_note", number, f"f.id = {old('l.credit_note_id')}"),
        booked(CREDIT_NOTE, "billing.creditnote", old("l.credit_note_id")),
        copy(SETTLEMENT, f"f.id = {old('l.allocation_id')}", entry_id=newest(ENTRY)),
        copy("billing_creditnoteline", f"f.id = {old('l.id')}", **own),
    )


def exported(number: str) -> str:
    """A batch of one entry in another format."""
    changed = {"entries": 1, "size": 0, "format": "iif"}
    return then(
        numbered(EXPORT, "ledger_export", number, "true", changed),
        copy("ledger_exports_exportedentry", changed={"format": "iif"}, export_id=newest(EXPORT)),
    )


def written_off(number: str, method: str) -> str:
    """A write-off that was taken back as a whole."""
    old = (
        f"(SELECT min(w.id) FROM {WRITE_OFF} w WHERE w.method = '{method}' AND w.amount ="
        " (SELECT sum(v.amount) FROM writeoffs_writeoffreversal v WHERE v.write_off_id = w.id))"
    )
    item = f"(SELECT m.open_item_id FROM writeoffs_writeoffitem m WHERE m.write_off_id = {old})"
    entry, own = entry_of("writeoffs.writeoff", old), {"write_off_id": newest(WRITE_OFF)}
    return then(
        numbered(WRITE_OFF, "write_off", number, f"f.id = {old}"),
        copy(ITEM, f"f.id = {item}", number=f"(SELECT w.number FROM {WRITE_OFF} w WHERE w.id = {newest(WRITE_OFF)})"),
        booked(WRITE_OFF, "writeoffs.writeoff", old, item),
        copy(SETTLEMENT, f"f.entry_id = {entry}", entry_id=newest(ENTRY)),
        copy("writeoffs_writeoffitem", f"f.write_off_id = {old}", open_item_id=newest(ITEM), **own),
        copy("writeoffs_writeoffline", f"f.write_off_id = {old}", item_id=newest("writeoffs_writeoffitem"), **own),
    )


def moved(number: str) -> str:
    """A transfer that is taken back first."""
    old = f"(SELECT min(d.id) FROM {TRANSFER} d WHERE d.id > (SELECT min(v.transfer_id) FROM {TRANSFER}reversal v))"
    debts = "writeoffs_moveddebt"
    part = f"{debts} m WHERE m.transfer_id = {old}"
    item, entry = f"(SELECT m.open_item_id FROM {part})", entry_of("writeoffs.debttransfer", old)
    settled = f"(SELECT a.id FROM {SETTLEMENT} a WHERE a.entry_id = {entry})"
    back = {"source_type": "'writeoffs.debttransferreversal'", "source_id": newest(f"{TRANSFER}reversal")}
    own = {"transfer_id": newest(TRANSFER), "open_item_id": newest(ITEM)}
    return then(
        copy(f"{TRANSFER}reversal", transfer_id=old),
        mirrored(entry, settled, **back),
        numbered(TRANSFER, "debt_transfer", number, f"f.id = {old}"),
        copy(ITEM, f"f.id = {item}", {"number": number}),
        booked(TRANSFER, "writeoffs.debttransfer", old, item),
        copy(SETTLEMENT, f"f.id = {settled}", entry_id=newest(ENTRY)),
        copy(debts, f"f.transfer_id = {old}", **own),
        copy(
            "writeoffs_movedorigin", f"f.moved_id = (SELECT m.id FROM {part})", moved_id=newest("writeoffs_moveddebt")
        ),
    )
