"""Reading loads and invoices: their charges, the facts that rules look at, and lists with derived figures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from receivables.core.compiled import Arg, Compiled
from receivables.core.events import ref
from receivables.core.money import NumberFormat
from receivables.ledger.models import Allocation, GLAccount, OpenItem
from receivables.ledger.queries import role_accounts


def as_tax(code: TaxCode | None) -> Tax | None:
    return Tax(code.pk, code.name, code.rate, code.gl_account_id) if code is not None else None


ON_THE_LOAD = (Accessorial.State.ACTIVE, Accessorial.State.WAITING)
ACCESSORIALS = Compiled(
    lambda: (
        Accessorial.objects.filter(load_id__any=Arg("loads"), state__in=ON_THE_LOAD)
        .select_related("type__tax_code")
        .order_by("pk")
    )
)
REVISIONS = Compiled(lambda: Revision.objects.filter(invoice_id__any=Arg("invoices"), number__any=Arg("numbers")))
PAYMENTS = Compiled(
    lambda: (
        Allocation.objects.filter(
            debit_item_id__any=Arg("items"),
            kind=Allocation.Kind.PAYMENT,
            reverses__isnull=True,
            reversed_by__isnull=True,
        )
        .select_related("credit_item")
        .order_by("pk")
    )
)


def accessorials_of(loads: Sequence[Load]) -> dict[int, list[Accessorial]]:
    """The accessorials on each of these loads, those that wait included, oldest first, with their types and taxes."""
    found: dict[int, list[Accessorial]] = {load.pk: [] for load in loads}
    for each in ACCESSORIALS.fetch(loads=list(found)) if found else []:
        found[each.load_id].append(each)
    return found


def active(accessorials: Iterable[Accessorial]) -> list[Accessorial]:
    """Those that count: one that waits for approval is no charge."""
    return [each for each in accessorials if each.state == Accessorial.State.ACTIVE]


def types_with_authority(actor: Any) -> list[AuthorityReason]:
    """The accessorial types that give something away, which may have limits of their own."""
    rows = AccessorialType.objects.of(actor).filter(kind__in=list(GIVEN_KINDS)).order_by("name")
    return [AuthorityReason(ref(row), str(row.kind), row.name) for row in rows]


def revenue_account(actor: Any) -> int:
    """The account that line hauls are booked to."""
    return role_accounts(actor.organization_id, GLAccount.Role.REVENUE)[GLAccount.Role.REVENUE]


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
    charges = accessorials_of(loads)
    return [Member(load, charges_of(load, active(charges[load.pk]), revenue_account_id)) for load in loads]


def payments_on(item_ids: Iterable[int]) -> list[Allocation]:
    """The payment records that stand on invoices, $0 included, oldest first."""
    keys = list(item_ids)
    return PAYMENTS.fetch(items=keys) if keys else []


def live_payments(allocations: Iterable[Allocation]) -> dict[int, list[LivePayment]]:
    """Payment records as the rules look at them, by the open item that they stand on."""
    found: dict[int, list[LivePayment]] = {}
    for each in allocations:
        if each.credit_item is not None:
            payment = LivePayment(each.credit_item.number, each.amount, each.credit_item.get_absolute_url())
            found.setdefault(each.debit_item_id, []).append(payment)
    return found


@dataclass(frozen=True)
class LoadState:
    """A load with everything that is known about its billing at one moment.

    `own` is what its charges alone add up to, `priced` what its whole document does: the same, unless the load is one
    of several on a summary invoice (`others`). `credited` is what settlements other than payments say of each load,
    `waiting` are accessorials that wait for approval.
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
    waiting: Sequence[Accessorial] = ()

    @property
    def credited_otherwise(self) -> bool:
        """Whether anything besides payments stands on the invoice."""
        return self.item is not None and self.item.settled_otherwise

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
        has_charges = any(line.charge.amount for line in new.lines)
        if self.invoice is None or self.item is None or self.revision is None:
            return InvoiceFacts(
                currency=self.load.currency, fmt=fmt, has_invoice=False, new_total=new.total,
                agreement_state=self.load.agreement.state, has_charges=has_charges,
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
            has_charges=has_charges,
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
    return load_states([load], revenue_account_id)[0]


def load_states(
    loads: Sequence[Load], revenue_account_id: int, payments: Sequence[Allocation] | None = None
) -> list[LoadState]:
    """The same for loads of different documents, as many queries for all as for one. `payments`: what stands on their
    invoices, if it was read before."""
    invoices = [load.invoice for load in loads if load.invoice is not None]
    items = [invoice.open_item for invoice in invoices]
    if payments is None:
        payments = payments_on(item.pk for item in items if item.live_payments)
    accessorials, revisions = accessorials_of(loads), current_revisions(invoices)
    paid, credits = live_payments(payments), settled_by([item.pk for item in items if item.settled_otherwise])
    others = other_members(loads, revenue_account_id)

    def state_of(load: Load) -> LoadState:
        state = _with_charges(load, accessorials[load.pk], revenue_account_id, others.get(load.pk, []))
        if load.invoice is None:
            return state
        invoice, item = load.invoice, load.invoice.open_item
        return replace(
            state, invoice=invoice, item=item, revision=revisions[invoice.pk], payments=paid.get(item.pk, []),
            credits=credits.get(item.pk, NOTHING),
            credited=_credited(item.pk) if invoice.summary and item.settled_otherwise else {},
        )  # fmt: skip

    return [state_of(load) for load in loads]


def _with_charges(
    load: Load, accessorials: Sequence[Accessorial], revenue_account_id: int, others: list[Member]
) -> LoadState:
    """What a load and its document add up to, with nothing said yet of an invoice."""
    counting = active(accessorials)
    charges = charges_of(load, counting, revenue_account_id)
    own = price(charges, load.currency)
    return LoadState(
        load, counting, own, price_document([Member(load, charges), *others], load.currency) if others else own,
        None, None, None, [], revenue_account_id, others, waiting=[row for row in accessorials if row not in counting],
    )  # fmt: skip


def current_revision(invoice: Invoice) -> Revision:
    """What an invoice says now."""
    return current_revisions([invoice])[invoice.pk]


def current_revisions(invoices: Sequence[Invoice]) -> dict[int, Revision]:
    """What each of these invoices says now; without a query for those that came with all their revisions."""
    found: dict[int, Revision] = {}
    numbers = {}
    for invoice in invoices:
        if "revisions" in getattr(invoice, "_prefetched_objects_cache", ()):
            known = (row for row in invoice.revisions.all() if row.number == invoice.current_revision)
            found[invoice.pk] = next(known)
        else:
            numbers[invoice.pk] = invoice.current_revision
    rows = REVISIONS.fetch(invoices=list(numbers), numbers=list(set(numbers.values()))) if numbers else []
    return found | {row.invoice_id: row for row in rows if row.number == numbers[row.invoice_id]}


def _credited(item_id: int) -> dict[int, Decimal]:
    others = [kind for kind in Allocation.Kind if kind != Allocation.Kind.PAYMENT]
    return settled_by_load(item_id, allocation__kind__in=others)


def other_members(loads: Sequence[Load], revenue_account_id: int) -> dict[int, list[Member]]:
    """The other loads on the live summary invoices of these, by load."""
    on_summary = [each for each in loads if each.invoice and each.invoice.summary and each.invoice.voided_at is None]
    if not on_summary:
        return {}
    rows = Load.objects.filter(invoice__in=[load.invoice_id for load in on_summary]).select_related("tax_code")
    everyone = list(rows.order_by("pk"))
    for each in everyone:
        each.organization = on_summary[0].organization
    members = members_of(everyone, revenue_account_id)
    return {
        load.pk: [
            member for member in members if member.load.invoice_id == load.invoice_id and member.load.pk != load.pk
        ]
        for load in on_summary
    }


OUT_OF_DATE = Q(invoice__isnull=False, invoice__voided_at__isnull=True) & ~Q(charges_total=F("billed_charges"))


def out_of_date(loads: QuerySet[Load]) -> QuerySet[Load]:
    """Loads whose charges no longer add up to what their invoice says of them."""
    return loads.filter(OUT_OF_DATE)


def invoices_about(actor: Any, items: Iterable[int]) -> dict[int, int]:
    """The invoice that each of these debts is about, by open item: its own, also where it was moved to another
    agreement since. Debt without an invoice is left out."""
    keys = list(items)
    found = dict(Invoice.objects.of(actor).filter(open_item_id__any=keys).values_list("open_item_id", "pk"))
    moved = OpenItem.objects.of(actor).filter(pk__any=keys, kind=OpenItem.Kind.TRANSFER, origin__invoice__isnull=False)
    return {**found, **dict(moved.values_list("pk", "origin__invoice"))}
