"""What the pay-off rule looks at, read for many invoices at once: the policy, what was given, who is excluded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils.translation import gettext as _

from receivables.approvals.models import AuthorityKind
from receivables.approvals.operations import authority_of
from receivables.billing.credit_notes.models import Reason
from receivables.billing.models import Invoice, Revision
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.models import PayOffExclusion, PayOffPolicy
from receivables.collections.payoff import Limits, PayOffFacts
from receivables.collections.rules import AssignmentFacts
from receivables.core.events import history, ref
from receivables.core.money import NumberFormat, format_number
from receivables.ledger.models import Allocation, JournalLine

ZERO = Decimal(0)
LOST = [Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE]
YEAR = timedelta(days=365)
RECENT = 200


@dataclass(frozen=True)
class Wish:
    """What is wanted of an invoice, which is as it was just read."""

    invoice: Invoice
    applied: Decimal
    pay_bill: bool = False
    bad_debt: Decimal = ZERO


def policy_of(actor: Any) -> PayOffPolicy:
    """The organization's policy as it stands, with its reason."""
    return PayOffPolicy.objects.of(actor).select_related("reason").get()


def limits_of(policy: PayOffPolicy) -> Limits:
    return Limits(
        policy.currency, policy.maximum, policy.percent, policy.cap, policy.reason.name, policy.reason.maximum
    )


def limit_text(actor: Any, maximum: Decimal | None) -> str:
    """A limit in words, never a bare 0."""
    if maximum is None:
        return _("No maximum")
    if maximum == 0:
        return _("Nothing may be given up")
    return _("up to %(limit)s") % {"limit": amount_text(actor, maximum, actor.organization.currency)}


def percent_text(actor: Any, percent: Decimal) -> str:
    return _("up to %(percent)s %% of the invoice") % {
        "percent": format_number(percent.normalize(), None, number_format(actor))
    }


def given_on(invoices: Sequence[Invoice]) -> dict[int, Decimal]:
    """The live bad debt on each invoice, positive: settled by credit note or journal, and by its own lines."""
    items = {invoice.open_item_id: invoice.pk for invoice in invoices}
    found: dict[int, Decimal] = {}
    rows: Any = Allocation.objects.filter(
        debit_item__in=items, kind__in=LOST, reverses__isnull=True, reversed_by__isnull=True
    )
    for item, amount in rows.order_by().values_list("debit_item").annotate(sum=Sum("amount")):
        found[items[item]] = amount
    current = Revision.objects.filter(invoice__in=list(items.values()), number=F("invoice__current_revision"))
    for invoice, amount in current.exclude(bad_debt=0).values_list("invoice", "bad_debt"):
        found[invoice] = found.get(invoice, ZERO) + amount
    return found


def given_to(actor: Any, customers: set[int], day: date) -> dict[int, Decimal]:
    """What each customer was given as bad debt since a year before a day, at its booked value in own currency."""
    lines: Any = JournalLine.objects.of(actor).filter(
        open_item__account__customer__in=customers, entry__allocations__debit_item=F("open_item"),
        entry__allocations__kind__in=LOST, entry__allocations__reverses__isnull=True,
        entry__allocations__reversed_by__isnull=True, entry__allocations__date__gt=day - YEAR,
    )  # fmt: skip
    sums = lines.order_by().values_list("open_item__account__customer").annotate(sum=Sum("organization_amount"))
    return {customer: -amount for customer, amount in sums}


def excluded(actor: Any, customers: set[int]) -> set[int]:
    rows: QuerySet[PayOffExclusion] = PayOffExclusion.objects.of(actor).filter(customer__in=customers)
    return set(rows.values_list("customer_id", flat=True))


def changed_by(actor: Any, invoices: Sequence[Invoice]) -> dict[int, str]:
    """Who did the last thing to each of these invoices; without those of which nothing recent is known."""
    wanted = {ref(invoice): invoice.pk for invoice in invoices}
    found: dict[int, str] = {}
    if wanted:
        for refs, name in history(actor, *invoices).values_list("refs", "actor_name")[:RECENT]:
            for pk in (wanted[each] for each in refs if each in wanted):
                found.setdefault(pk, name)
    return found


def assignment_facts(wish: Wish, currency: str, fmt: NumberFormat) -> AssignmentFacts:
    """What is to be applied to one invoice, of money in `currency`."""
    invoice = wish.invoice
    return AssignmentFacts(
        invoice.number, invoice.currency, invoice.open_item.balance, wish.applied, invoice.voided_at is not None, fmt,
        currency,
    )  # fmt: skip


def pay_off_facts(
    actor: Any, policy: PayOffPolicy, wishes: Sequence[Wish], *, currency: str, rate: Decimal, day: date
) -> list[PayOffFacts]:
    """The facts of every invoice of a payment in `currency`; a constant number of queries."""
    fmt, limits = number_format(actor), limits_of(policy)
    given = given_on([wish.invoice for wish in wishes])
    customers = {wish.invoice.account.customer_id for wish in wishes}
    out = excluded(actor, customers)
    to = given_to(actor, customers, day) if policy.cap is not None and customers else {}
    authority = authority_of(actor, AuthorityKind.BAD_DEBT, currency, ref(policy.reason))
    return [
        PayOffFacts(
            assignment_facts(wish, currency, fmt),
            limits,
            pay_bill=wish.pay_bill,
            bad_debt=wish.bad_debt,
            given=given.get(wish.invoice.pk, ZERO),
            given_to_customer=to.get(wish.invoice.account.customer_id, ZERO),
            total=wish.invoice.open_item.amount,
            rate=rate,
            excluded=wish.invoice.account.customer_id in out,
            customer=wish.invoice.account.customer.name,
            customer_id=wish.invoice.account.customer_id,
            authority=authority,
        )
        for wish in wishes
    ]  # fmt: skip


def loss_reasons(actor: Any) -> QuerySet[Reason]:
    """The reasons that what is given up may be booked with."""
    kinds = [Reason.Kind.BAD_DEBT, Reason.Kind.SMALL_DIFFERENCE]
    return Reason.objects.of(actor).filter(active=True, kind__in=kinds).order_by("name")
