"""Reading loads and invoices: their charges, the facts that rules look at, and lists with derived figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from receivables.approvals.reasons import AuthorityReason
from receivables.billing.charges import Charge, Priced, Tax, price
from receivables.billing.credit_notes.queries import NOTHING, SettledBy, settled_by
from receivables.billing.models import (
    Accessorial,
    AccessorialType,
    ChargeKind,
    Entity,
    Invoice,
    Load,
    Revision,
    TaxCode,
    TaxTreatment,
)
from receivables.billing.rules import GIVEN_KINDS, InvoiceFacts, LivePayment, PartBelow
from receivables.billing.summary.parts import settled_by_load
from receivables.core.events import ref
from receivables.core.money import NumberFormat
from receivables.ledger.models import Allocation, OpenItem


def as_tax(code: TaxCode | None) -> Tax | None:
    return Tax(code.pk, code.name, code.rate, code.gl_account_id) if code is not None else None


def active_accessorials(*load_ids: int) -> list[Accessorial]:
    """The accessorials of these loads that count, oldest first, with their types and taxes."""
    return list(
        Accessorial.objects.filter(load_id__in=load_ids, state=Accessorial.State.ACTIVE)
        .select_related("type__tax_code")
        .order_by("pk")
    )


def types_with_authority(actor: Any) -> list[AuthorityReason]:
    """The accessorial types that give something away, which may have limits of their own."""
    rows = AccessorialType.objects.of(actor).filter(kind__in=list(GIVEN_KINDS)).order_by("name")
    return [AuthorityReason(ref(row), str(row.kind), row.name) for row in rows]


def charges_of(load: Load, accessorials: Sequence[Accessorial], revenue_account_id: int) -> list[Charge]:
    """The customer's charges of a load: line haul first, then accessorials. Words are in the organization's language,
    so that a revision reads the same whoever makes it."""
    charges = []
    with translation.override(load.organization.language):
        if load.line_haul or not accessorials:
            charges.append(_line_haul(load, revenue_account_id))
        charges += [_accessorial_charge(each) for each in accessorials if each.entity == Entity.CUSTOMER]
    return charges


def _line_haul(load: Load, revenue_account_id: int) -> Charge:
    words = _("Line haul") if not load.tonu else _("Truck ordered, not used")
    route = " – ".join(place for place in (load.origin, load.destination) if place)
    return Charge(
        kind=ChargeKind.CHARGE,
        description=f"{words}: {route}" if route else words,
        amount=load.line_haul,
        gl_account_id=revenue_account_id,
        treatment=TaxTreatment.ADDED if load.tax_code_id else TaxTreatment.NONE,
        tax=as_tax(load.tax_code),
        load_id=load.pk,
    )


def _accessorial_charge(accessorial: Accessorial) -> Charge:
    kind = accessorial.type
    return Charge(
        kind=kind.kind,
        description=f"{kind.name}: {accessorial.note}" if accessorial.note else kind.name,
        amount=accessorial.amount,
        gl_account_id=kind.gl_account_id,
        treatment=kind.tax_treatment,
        tax=as_tax(kind.tax_code),
        quantity=accessorial.quantity,
        rate=accessorial.rate,
        load_id=accessorial.load_id,
        accessorial_id=accessorial.pk,
    )


def price_load(load: Load, accessorials: Sequence[Accessorial], revenue_account_id: int) -> Priced:
    """What a load's charges alone add up to now."""
    return price(charges_of(load, accessorials, revenue_account_id), load.currency)


@dataclass(frozen=True)
class Member:
    """Another load on the same summary invoice, with its charges as they are now."""

    load: Load
    charges: list[Charge]


def price_document(members: Sequence[Member], currency: str) -> Priced:
    """What the charges of all loads on one document add up to: tax is worked out over the whole."""
    ordered = sorted(members, key=lambda member: member.load.pk)
    return price([charge for member in ordered for charge in member.charges], currency)


def members_of(loads: Sequence[Load], revenue_account_id: int) -> list[Member]:
    """Loads with their charges; their accessorials in one query."""
    charges: dict[int, list[Accessorial]] = {load.pk: [] for load in loads}
    for each in active_accessorials(*charges) if charges else []:
        charges[each.load_id].append(each)
    return [Member(load, charges_of(load, charges[load.pk], revenue_account_id)) for load in loads]


def live_payments(item_id: int) -> list[LivePayment]:
    """The payment records that stand on an invoice, $0 included, oldest first."""
    allocations = (
        Allocation.objects.filter(
            debit_item_id=item_id, kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=True
        )
        .select_related("credit_item")
        .order_by("pk")
    )
    return [
        LivePayment(each.credit_item.number, each.amount, each.credit_item.get_absolute_url())
        for each in allocations
        if each.credit_item is not None
    ]


@dataclass(frozen=True)
class LoadState:
    """A load with everything that is known about its billing at one moment.

    `own` is what its charges alone add up to, `priced` what its whole document does: the same, unless the load is one
    of several on a summary invoice (`others`). `credited` is what settlements other than payments say of each load.
    """

    load: Load
    accessorials: list[Accessorial]
    own: Priced
    priced: Priced
    invoice: Invoice | None
    item: OpenItem | None
    revision: Revision | None
    payments: list[LivePayment]
    revenue_account_id: int
    others: list[Member] = field(default_factory=list)
    credits: SettledBy = NOTHING
    credited: Mapping[int, Decimal] = field(default_factory=dict)

    @property
    def on_summary(self) -> bool:
        return self.invoice is not None and self.invoice.summary

    @property
    def loads(self) -> list[Load]:
        """All loads of the document, this one included."""
        return sorted([self.load, *(other.load for other in self.others)], key=lambda load: load.pk)

    def priced_with(self, accessorials: Sequence[Accessorial]) -> tuple[Priced, Priced]:
        """What the load alone and its whole document would add up to with other accessorials on the load."""
        charges = charges_of(self.load, accessorials, self.revenue_account_id)
        own = price(charges, self.load.currency)
        if not self.others:
            return own, own
        return own, price_document([Member(self.load, charges), *self.others], self.load.currency)

    def facts(self, fmt: NumberFormat, changed: tuple[Priced, Priced] | None = None) -> InvoiceFacts:
        """The facts for the rules; `changed` (see `priced_with`) asks about a change that is not yet made."""
        own, new = changed or (self.own, self.priced)
        if self.invoice is None or self.item is None or self.revision is None:
            return InvoiceFacts(
                currency=self.load.currency, fmt=fmt, has_invoice=False, new_total=new.total,
                agreement_state=self.load.agreement.state, has_charges=any(line.charge.amount for line in new.lines),
            )  # fmt: skip
        return InvoiceFacts(
            currency=self.invoice.currency,
            fmt=fmt,
            invoice_number=self.invoice.number,
            voided=self.invoice.voided_at is not None,
            payments=self.payments,
            settled=self.item.amount - self.item.balance - self.item.paid,
            settled_by=self._settled_by(),
            settled_url=self.credits.url,
            current_total=self.revision.total,
            new_total=new.total,
            details_changed=new.digest != self.revision.digest,
            agreement_state=self.load.agreement.state,
            part=own.total if self.others else None,
            loads=1 + len(self.others),
            below=self.below(new, self.credited),
        )

    def below(self, document: Priced, settled: Mapping[int, Decimal]) -> PartBelow | None:
        """The first load of which a document bills less than is settled of it."""
        for load in self.loads if settled else []:
            billed = document.of_load(load.pk).total
            if load.pk in settled and billed < settled[load.pk]:
                return PartBelow(load.number, settled[load.pk], billed)
        return None

    def _settled_by(self) -> str:
        """What stands on the invoice besides payments, by name."""
        if self.item is None or not self.credits.numbers:
            return ""
        others = self.item.amount - self.item.balance - self.item.paid - self.credits.total
        return ", ".join([*self.credits.numbers, *([_("other documents")] if others else [])])


def with_documents(loads: QuerySet[Load]) -> QuerySet[Load]:
    """Loads with what pricing and their page need, in one query."""
    return loads.select_related("account__customer__terms", "agreement", "tax_code", "invoice__open_item")


def load_state(load: Load, revenue_account_id: int) -> LoadState:
    """Read a load's charges, revision and payments. `load` comes from `with_documents`."""
    accessorials = active_accessorials(load.pk)
    charges = charges_of(load, accessorials, revenue_account_id)
    own = price(charges, load.currency)
    invoice = load.invoice
    if invoice is None:
        return LoadState(load, accessorials, own, own, None, None, None, [], revenue_account_id)
    others = other_members(load, invoice, revenue_account_id)
    document = price_document([Member(load, charges), *others], load.currency) if others else own
    item = invoice.open_item
    revision = current_revision(invoice)
    payments = live_payments(item.pk) if item.live_payments else []
    others_stand = item.live_settlements > item.live_payments
    credits = settled_by(item.pk) if others_stand else NOTHING
    credited = _credited(item.pk) if others_stand and invoice.summary else {}
    return LoadState(
        load, accessorials, own, document, invoice, item, revision, payments, revenue_account_id, others, credits,
        credited,
    )  # fmt: skip


def current_revision(invoice: Invoice) -> Revision:
    """The newest revision, without a query where the invoice came with all of them."""
    if "revisions" in getattr(invoice, "_prefetched_objects_cache", ()):
        return next(each for each in invoice.revisions.all() if each.number == invoice.current_revision)
    return invoice.revisions.get(number=invoice.current_revision)


def _credited(item_id: int) -> dict[int, Decimal]:
    others = [kind for kind in Allocation.Kind if kind != Allocation.Kind.PAYMENT]
    return settled_by_load(item_id, allocation__kind__in=others)


def other_members(load: Load, invoice: Invoice, revenue_account_id: int) -> list[Member]:
    """The other loads on a load's live summary invoice."""
    if not invoice.summary or invoice.voided_at is not None:
        return []
    loads = list(Load.objects.filter(invoice=invoice).exclude(pk=load.pk).select_related("tax_code").order_by("pk"))
    for other in loads:
        other.organization = load.organization
    return members_of(loads, revenue_account_id)


def with_figures(invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
    """Invoices with their customer, open item and the figures of their current revision."""
    current = Q(revisions__number=F("current_revision"))
    return (
        invoices.select_related("account__customer", "open_item")
        .filter(current)
        .annotate(
            total=F("revisions__total"),
            bad_debt=F("revisions__bad_debt"),
            price_concession=F("revisions__price_concession"),
        )
    )


OUT_OF_DATE = Q(invoice__isnull=False, invoice__voided_at__isnull=True) & ~Q(charges_total=F("billed_charges"))


def out_of_date(loads: QuerySet[Load]) -> QuerySet[Load]:
    """Loads whose charges no longer add up to what their invoice says of them."""
    return loads.filter(OUT_OF_DATE)


def invoices_about(actor: Any, items: Iterable[int]) -> dict[int, int]:
    """The invoice that each of these debts is about, by open item: its own, also where it was moved to another
    agreement since. Debt without an invoice is left out."""
    keys = list(items)
    found = dict(Invoice.objects.of(actor).filter(open_item__in=keys).values_list("open_item_id", "pk"))
    moved = OpenItem.objects.of(actor).filter(pk__in=keys, kind=OpenItem.Kind.TRANSFER, origin__invoice__isnull=False)
    return {**found, **dict(moved.values_list("pk", "origin__invoice"))}
