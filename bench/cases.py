"""The measured operations: how fresh rows for each are prepared, and how it is called."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bench import ceiling, paying_off, resolving, rows
from bench.hand import Hand, Subject
from bench.world import Copier, World
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import add_accessorial, generate_invoice, regenerate_invoice
from receivables.collections.models import Payment
from receivables.collections.operations import Assignment, delete_payment, record_payment
from receivables.customers.models import Account

Call = Callable[[], Any]


@dataclass(frozen=True)
class Case:
    """An operation with its ceiling. `stages` prepare its rows; `call` binds the operation to one subject, with the
    objects that a page would have fetched before. `per_account` is how many invoices one subject has."""

    name: str
    stages: tuple[Callable[[Copier, rows.Batch], None], ...]
    call: Callable[[World, Subject], Call]
    ceiling: Callable[[Hand, Subject], None]
    per_account: int = 1
    share: int = 1  # of a block of calls, 1/share: for what takes long

    def prepare(self, world: World, count: int, days: int = 0) -> list[Subject]:
        """Fresh rows for `count` calls, each on an account of its own."""
        batch = rows.Batch(count * self.per_account, count, haul_steps=1, taxed_every=0, days=days)
        with Copier(world) as to:
            for stage in (rows.parties, *self.stages):
                stage(to, batch)
            to.writer.commit()
        return [subject(batch, position) for position in range(count)]


def subject(batch: rows.Batch, position: int) -> Subject:
    """The rows of the account at this position; its invoices lie one round of all accounts apart."""
    each = [
        {name: first + i for name, first in batch.first.items() if name not in rows.PARTIES}
        for i in range(position, batch.count, batch.accounts)
    ]
    return Subject({**each[0], **{name: batch.first[name] + position for name in rows.PARTIES}}, each)


def all_paid(to: Copier, batch: rows.Batch) -> None:
    rows.payments(to, batch, paid=10)


def call_generate(world: World, s: Subject) -> Call:
    load = Load.objects.get(pk=s["load"])
    return lambda: generate_invoice(actor=world.actor, load=load)


def call_regenerate(world: World, s: Subject) -> Call:
    load = Load.objects.get(pk=s["load"])
    return lambda: regenerate_invoice(actor=world.actor, load=load)


def call_add(world: World, s: Subject) -> Call:
    load = Load.objects.get(pk=s["load"])
    return lambda: add_accessorial(
        actor=world.actor, load=load, type=world.write_off, entity="customer", amount=ceiling.OFF
    )


def call_record(world: World, s: Subject) -> Call:
    account = Account.objects.get(pk=s["account"])
    invoices = Invoice.objects.in_bulk([each["invoice"] for each in s.invoices])
    assignments = [Assignment(invoice, ceiling.TOTAL) for invoice in invoices.values()]
    amount = ceiling.TOTAL * len(assignments)
    return lambda: record_payment(
        actor=world.actor, account=account, amount=amount, date=world.today, method="check",
        bank_account=world.bank, assignments=assignments,
    )  # fmt: skip


def call_delete(world: World, s: Subject) -> Call:
    payment = Payment.objects.select_related("account").get(pk=s["payment"])
    return lambda: delete_payment(actor=world.actor, payment=payment, reason="wrong customer")


CASES = [
    Case("generate_invoice", (rows.loads,), call_generate, ceiling.generate_invoice),
    Case("regenerate_invoice", (rows.invoices, rows.reductions), call_regenerate, ceiling.regenerate_invoice),
    Case("add_accessorial", (rows.invoices,), call_add, ceiling.add_accessorial),
    Case("record_payment", (rows.invoices,), call_record, ceiling.record_payment),
    Case("record_payment with bad debt", (rows.invoices,), paying_off.call_pay_off, paying_off.pay_off_by_hand),
    Case("delete_payment", (rows.invoices, all_paid), call_delete, ceiling.delete_payment),
    Case(
        "resolve_short_payment", (rows.invoices, resolving.half_paid), resolving.call_resolve, resolving.resolve_by_hand
    ),
    Case("record_payment, 200 invoices", (rows.invoices,), call_record, ceiling.record_payment, 200, share=10),
]
