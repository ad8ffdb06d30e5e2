"""The ceiling of each operation: the rows it writes, written by hand, in one transaction.

Nothing is read but the row that is locked, nothing is checked, priced or worded; what the operation works out is
given. Every prepared load is 900.00 of line haul and 100.00 of fuel, untaxed.
"""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from bench.hand import (
    ACCESSORIAL,
    ALLOCATION,
    INVOICE,
    ITEM,
    PAYMENT,
    REVERSAL,
    REVISION,
    REVISION_LINE,
    Hand,
    Subject,
)

HAUL, FUEL, OFF = Decimal(900), Decimal(100), Decimal(50)
TOTAL = HAUL + FUEL
DIGEST = "0" * 64
EMPTY = (0, 0, 0, 0, 0, 0, 0, False)
BILL_TO = (
    '{"number": "C1", "name": "Customer", "address": "", "city": "Springfield", "region": "", "postal_code": "",'
    ' "country": "", "tax_id": "", "email": ""}'
)


def generate_invoice(hand: Hand, s: Subject) -> None:
    w, load, account, agreement = hand.world, s["load"], s["account"], s["agreement"]
    hand.lock(account)
    sequence, number = hand.number("invoice")
    due = w.today + timedelta(30)
    item = hand.one(ITEM, account, agreement, w.gl["1200"], "invoice", number, "USD", w.today, due, *EMPTY)
    invoice = hand.one(
        INVOICE, number, sequence, account, agreement, item, "USD", 1, w.today, due, 30, "", False, False, 1,
        timezone.now(),
    )  # fmt: skip
    revision = write_revision(hand, s, invoice, 1, "generated", TOTAL)
    (entry,) = hand.entries(("generated", "billing.revision", revision, TOTAL, 3, f"{number} v1", None))
    hand.lines(
        (entry, 1, w.gl["1200"], TOTAL, item, True, agreement, None),
        (entry, 2, w.gl["4000"], -HAUL, None, False, None, agreement),
        (entry, 3, w.gl["4100"], -FUEL, None, False, None, agreement),
    )
    hand.cursor.execute(
        "UPDATE billing_load SET invoice_id = %s, charges_total = %s, billed_charges = %s, version = %s WHERE id = %s",
        [invoice, TOTAL, TOTAL, 2, load],
    )
    refs = [f"billing.invoice:{invoice}", f"billing.load:{load}", f"customers.account:{account}"]
    data = {"total": str(TOTAL), "currency": "USD", "revision": 1}
    hand.event("generate_invoice", "billing.invoice", invoice, refs, data)


def write_revision(hand: Hand, s: Subject, invoice: int, number: int, cause: str, total: Decimal) -> int:
    """A revision with its lines: line haul, fuel and, where the total is less, the bad debt."""
    w = hand.world
    lines = [
        (1, None, "charge", "Line haul: Dallas – Houston", HAUL, w.gl["4000"]),
        (2, s["accessorial"], "charge", "Fuel surcharge", FUEL, w.gl["4100"]),
    ]
    if total < TOTAL:
        lines.append((3, s["reduction"], "bad_debt", "Write-Off", total - TOTAL, w.gl["6100"]))
    revision = hand.one(
        REVISION, invoice, number, cause, "USD", total, 0, total, total, TOTAL - total, 0, BILL_TO, DIGEST, len(lines),
        number > 1, "", w.today, w.user, timezone.now(),
    )  # fmt: skip
    hand.many(
        "billing_revisionline",
        REVISION_LINE,
        [
            (w.organization, revision, no, s["load"], charge, kind, words, "USD", net, 0, 0, net, gl)
            for no, charge, kind, words, net, gl in lines
        ],
    )
    return revision


def regenerate_invoice(hand: Hand, s: Subject) -> None:
    w, load, account, agreement, invoice = hand.world, s["load"], s["account"], s["agreement"], s["invoice"]
    hand.lock(account)
    revision = write_revision(hand, s, invoice, 2, "regenerated", TOTAL - OFF)
    (entry,) = hand.entries(("regenerated", "billing.revision", revision, OFF, 2, f"INV-{invoice:06d} v2", None))
    hand.lines(
        (entry, 1, w.gl["1200"], -OFF, s["item"], True, agreement, None),
        (entry, 2, w.gl["6100"], OFF, None, False, None, agreement),
    )
    hand.cursor.execute(
        "UPDATE billing_load SET charges_total = %s, billed_charges = %s, version = %s WHERE id = %s",
        [TOTAL - OFF, TOTAL - OFF, 2, load],
    )
    refs = [f"billing.invoice:{invoice}", f"billing.load:{load}", f"customers.account:{account}"]
    data = {"before": {"total": str(TOTAL)}, "after": {"total": str(TOTAL - OFF)}, "currency": "USD", "revision": 2}
    hand.event("regenerate_invoice", "billing.invoice", invoice, refs, data)


def add_accessorial(hand: Hand, s: Subject) -> None:
    w, load, account = hand.world, s["load"], s["account"]
    hand.lock(account)
    charge = hand.one(
        ACCESSORIAL, load, w.write_off.pk, "customer", "USD", -OFF, "", "active", 1, w.user, timezone.now()
    )
    hand.cursor.execute(
        "UPDATE billing_load SET charges_total = %s, version = %s WHERE id = %s",
        [TOTAL - OFF, 2, load],
    )
    refs = [f"billing.accessorial:{charge}", f"billing.load:{load}", f"billing.invoice:{s['invoice']}",
            f"customers.account:{account}"]  # fmt: skip
    data = {"type": "Write-Off", "entity": "customer", "currency": "USD", "amount": str(-OFF), "state": "active"}
    hand.event("add_accessorial", "billing.accessorial", charge, refs, data)


def record_payment(hand: Hand, s: Subject) -> None:
    """A payment that settles all invoices of the subject in full."""
    hand.lock(s["account"])
    payment = receive(hand, s, TOTAL, *hand.number("payment"))
    payment_event(hand, s, payment, TOTAL)


def receive(hand: Hand, s: Subject, each_paid: Decimal, sequence: int, number: str) -> int:
    """A payment of so much for each invoice of the subject, with its entries and settlements."""
    w, account, agreement = hand.world, s["account"], s["agreement"]
    paid = each_paid * len(s.invoices)
    money = hand.one(ITEM, account, None, w.gl["2100"], "payment", number, "USD", w.today, w.today, *EMPTY)
    payment = hand.one(
        PAYMENT, number, sequence, account, money, w.bank.pk, w.today, w.today, "USD", 1, paid, "check", "", "", w.user,
        timezone.now(),
    )  # fmt: skip
    source = ("collections.payment", payment, paid)
    one = len(s.invoices) == 1
    receipt, *applications = hand.entries(
        ("payment", *source, 2, number, None),
        *(
            ("application" if one else f"application {each['invoice']}", *source[:2], each_paid, 2, number, None)
            for each in s.invoices
        ),
    )
    each_applied = list(zip(applications, s.invoices, strict=True))
    hand.lines(
        (receipt, 1, w.gl["1000"], paid, None, False, None, None),
        (receipt, 2, w.gl["2100"], -paid, money, True, None, None),
        *(
            line
            for entry, each in each_applied
            for line in (
                (entry, 1, w.gl["2100"], each_paid, money, False, None, None),
                (entry, 2, w.gl["1200"], -each_paid, each["item"], False, agreement, None),
            )
        ),
    )
    hand.many(
        "ledger_allocation",
        ALLOCATION,
        [
            (w.organization, "payment", each["item"], money, entry, "USD", each_paid, None, w.today, timezone.now())
            for entry, each in each_applied
        ],
    )
    return payment


def payment_event(hand: Hand, s: Subject, payment: int, each_paid: Decimal) -> None:
    """What history says of a recorded payment."""
    refs = [f"collections.payment:{payment}", f"customers.account:{s['account']}"]
    for each in s.invoices:
        refs += [f"billing.invoice:{each['invoice']}", f"billing.load:{each['load']}"]
    applied = {f"INV-{each['invoice']:06d}": str(each_paid) for each in s.invoices}
    data = {"amount": str(each_paid * len(s.invoices)), "currency": "USD", "reference": "", "applied": applied}
    hand.event("record_payment", "collections.payment", payment, refs, data)


def delete_payment(hand: Hand, s: Subject) -> None:
    w, account, agreement, payment = hand.world, s["account"], s["agreement"], s["payment"]
    hand.lock(account)
    hand.one(REVERSAL, payment, "deleted", "wrong customer", w.today, w.user, timezone.now())
    source = ("collections.payment", payment, TOTAL, 2, f"PMT-{payment:06d}")
    application, receipt = hand.entries(
        ("application_deleted", *source, s["application"]), ("payment_deleted", *source, s["receipt"])
    )
    hand.lines(
        (application, 1, w.gl["2100"], -TOTAL, s["money"], False, None, None),
        (application, 2, w.gl["1200"], TOTAL, s["item"], False, agreement, None),
        (receipt, 1, w.gl["1000"], -TOTAL, None, False, None, None),
        (receipt, 2, w.gl["2100"], TOTAL, s["money"], True, None, None),
    )
    hand.many(
        "ledger_allocation",
        ALLOCATION,
        [
            (w.organization, "payment", s["item"], s["money"], application, "USD", TOTAL, s["allocation"], w.today,
             timezone.now())
        ],
    )  # fmt: skip
    refs = [f"collections.payment:{payment}", f"customers.account:{account}", f"billing.invoice:{s['invoice']}",
            f"billing.load:{s['load']}"]  # fmt: skip
    data = {"amount": str(TOTAL), "currency": "USD"}
    hand.event("delete_payment", "collections.payment", payment, refs, data, reason="wrong customer")
