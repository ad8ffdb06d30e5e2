"""The dry run: what a batch would do with every selected invoice, read in a few queries however many there are."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from django.db.models import Max, QuerySet, Sum
from django.http import QueryDict

from receivables.approvals.queries import authority_of
from receivables.billing.credit_notes.queries import given_by_invoice
from receivables.billing.models import Accessorial, AccessorialType, Entity, Invoice, Load, Revision
from receivables.billing.pages import number_format
from receivables.billing.rules import AccessorialFacts, InvoiceFacts, add_accessorial_blocker
from receivables.billing.summary.parts import part_of, with_parts
from receivables.collections.resolution_rules import ResolutionFacts
from receivables.collections.short_payments.rules import MOST, ItemFacts, Limits, batch_item_blocker, load_that_is_short
from receivables.collections.short_payments.worklist import ShortPaymentFilter, live_on, short_items
from receivables.core.errors import Blocker
from receivables.core.events import ref
from receivables.core.listing import readable
from receivables.core.money import NumberFormat
from receivables.ledger.models import OpenItem
from receivables.ledger.queries import posting_date_blocker

ZERO = Decimal(0)
ON_THE_LOAD = (Accessorial.State.ACTIVE, Accessorial.State.WAITING)


@dataclass(frozen=True)
class Selection:
    """Which invoices: those whose open items were ticked, or everything that the list's filters show."""

    keys: Sequence[int] = ()
    everything: bool = False
    query: str = ""

    def items(self, actor: Any) -> QuerySet[OpenItem]:
        """The selected open items. Ticked rows are all kept, so that one that is no more short is explained."""
        if not self.everything:
            return OpenItem.objects.of(actor).filter(pk__in=self.keys, kind=OpenItem.Kind.INVOICE)
        asked = SimpleNamespace(actor=actor)
        return readable(ShortPaymentFilter(QueryDict(self.query), queryset=short_items(actor), request=asked))

    def plain(self) -> dict[str, Any]:
        return {"everything": self.everything, "query": self.query, "ticked": len(self.keys)}


@dataclass(frozen=True)
class Choice:
    """What a person wants of the selected invoices."""

    type: AccessorialType
    limits: Limits
    note: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Planned:
    """What a batch would do with one invoice: resolve it, ask for approval (`asks`), or pass it over (`blocker`)."""

    invoice: Invoice
    customer: str
    load: Load | None
    currency: str
    short: Decimal
    asks: bool = False
    blocker: Blocker | None = None


@dataclass(frozen=True)
class Plan:
    """The dry run of a batch, in order of the invoices' keys."""

    lines: Sequence[Planned] = field(default_factory=list)

    @property
    def changes(self) -> list[Planned]:
        return [line for line in self.lines if line.blocker is None]

    @property
    def asking(self) -> list[Planned]:
        return [line for line in self.changes if line.asks]

    @property
    def skipped(self) -> list[Planned]:
        return [line for line in self.lines if line.blocker is not None]

    @property
    def total(self) -> Decimal:
        """What would be taken off at once, without what goes to approval."""
        return sum((line.short for line in self.changes if not line.asks), ZERO)

    def reasons(self) -> list[tuple[str, int]]:
        """How many invoices are passed over for each reason, the commonest first."""
        return Counter(line.blocker.code for line in self.skipped if line.blocker).most_common()

    def digest(self) -> str:
        """Equal as long as the same invoices would change by the same amounts in the same way."""
        facts = [(line.invoice.pk, str(line.short), line.asks) for line in self.changes]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def choice_blockers(actor: Any, choice: Choice) -> tuple[Blocker | None, Blocker | None]:
    """What stands against the type and against the posting date, whatever the invoices."""
    invoice = InvoiceFacts(currency=choice.limits.currency, fmt=number_format(actor))
    of_type = add_accessorial_blocker(AccessorialFacts(choice.type, Entity.CUSTOMER, Decimal(-1), invoice))
    day = choice.limits.posting_date
    return (
        replace(of_type, field="type") if of_type else None,
        posting_date_blocker(actor.organization_id, day) if day else None,
    )


def plan_batch(actor: Any, selection: Selection, choice: Choice) -> Plan:
    """Ask the rules about every selected invoice. At most MOST + 1 are looked at."""
    chosen = selection.items(actor).select_related("invoice", "account__customer").order_by("pk")
    items = list(chosen[: MOST + 1])
    reader = _Reader(actor, items, choice)
    return Plan([reader.line(item) for item in items])


class _Reader:
    """What the rules look at for many invoices, each kind of fact in one query."""

    def __init__(self, actor: Any, items: Sequence[OpenItem], choice: Choice) -> None:
        self.choice, self.fmt = choice, number_format(actor)
        self.authority = authority_of(actor, choice.type.kind, choice.limits.currency, ref(choice.type))
        invoices = [item.invoice.pk for item in items]
        loads = with_parts(Load.objects.of(actor).filter(invoice__in=invoices)).select_related("invoice__open_item")
        self.loads = _by_invoice(loads.order_by("pk"))
        on_loads = Accessorial.objects.of(actor).filter(
            load__invoice__in=invoices, entity=Entity.CUSTOMER, amount__lt=0, state__in=ON_THE_LOAD
        )
        asked = on_loads.filter(state=Accessorial.State.WAITING)
        self.asked = set(asked.values_list("load_id", flat=True))
        given = on_loads.filter(type__kind=choice.type.kind).order_by().values_list("load_id").annotate(Sum("amount"))
        self.given: dict[int, Decimal] = dict(given)
        self.settled = given_by_invoice(invoices, choice.type.kind)
        self.posted = _posted(items) if choice.limits.posting_date else {}
        self.revised = _revised(invoices) if choice.limits.posting_date else {}

    def line(self, item: OpenItem) -> Planned:
        invoice, everything = item.invoice, self.loads.get(item.invoice.pk, [])
        loads = _short(item, everything)
        load, _unknown = load_that_is_short(item.number, loads)
        facts = ItemFacts(
            _resolution_facts(item, load, everything, self.fmt, asked=load is not None and load.pk in self.asked),
            loads, item.live_payments, invoice.current_revision, self.revised.get(invoice.pk), self.posted.get(item.pk),
        )  # fmt: skip
        blocker = batch_item_blocker(facts, self.choice.limits)
        short = facts.resolution.amount if blocker is None else item.balance
        asks = blocker is None and load is not None and not self._covers(load, short)
        return Planned(invoice, item.account.customer.name, load, item.currency, short, asks, blocker)

    def _covers(self, load: Load, amount: Decimal) -> bool:
        """Whether the actor may give this away alone, with what is given on the load and its invoice already."""
        settled = self.settled.get(load.invoice_id or 0, ZERO)
        return self.authority.covers(settled + amount - self.given.get(load.pk, ZERO))


def _short(item: OpenItem, loads: list[Load]) -> list[Load]:
    """Of a summary invoice the loads that are short, if what was said of its payments tells; else all."""
    if not item.invoice.summary:
        return loads
    open_parts = {load.pk: part_of(load).balance for load in loads}
    said = sum(open_parts.values(), ZERO) == item.balance
    return [load for load in loads if open_parts[load.pk] > 0] if said else loads


def _resolution_facts(
    item: OpenItem, load: Load | None, loads: Sequence[Load], fmt: NumberFormat, *, asked: bool
) -> ResolutionFacts:
    """The facts of the one step, with all that is open to be taken off. An item's amount is its invoice's total."""
    invoice = InvoiceFacts(
        currency=item.currency, fmt=fmt, invoice_number=item.number, voided=item.invoice.voided_at is not None,
        settled=item.amount - item.balance - item.paid, current_total=item.amount,
        new_total=item.amount + sum((each.charges_total - each.billed_charges for each in loads), ZERO),
    )  # fmt: skip
    load_open = None
    if load is not None and item.invoice.summary:
        load_open = part_of(load).balance + load.charges_total - load.billed_charges
    facts = ResolutionFacts(invoice, item.balance, asked=asked, load_open=load_open)
    return replace(facts, amount=facts.most)


def _by_invoice(loads: Iterable[Load]) -> dict[int, list[Load]]:
    found: dict[int, list[Load]] = {}
    for load in loads:
        found.setdefault(load.invoice_id or 0, []).append(load)
    return found


def _posted(items: Sequence[OpenItem]) -> dict[int, date]:
    """The last day on which money that stands on an item was posted."""
    live = live_on(debit_item__in=[item.pk for item in items], entry__isnull=False)
    return dict(live.order_by().values_list("debit_item_id").annotate(Max("entry__posting_date")))


def _revised(invoices: Sequence[int]) -> dict[int, date]:
    """The day on which the newest revision of each invoice was posted; never before an earlier one's."""
    revisions = Revision.objects.filter(invoice__in=invoices).order_by().values_list("invoice_id")
    return dict(revisions.annotate(Max("posting_date")))
