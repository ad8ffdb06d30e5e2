"""What the pay-off rule looks at, read for many invoices at once: the policy, what was given, who is excluded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import authority_of
from receivables.approvals.rules import Authority
from receivables.billing.credit_notes.kinds import authority_for, settles_as
from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.queries import given_by_invoice, live_lines
from receivables.billing.credit_notes.requests import given_by_charges
from receivables.billing.models import Invoice, Revision
from receivables.billing.operations.locking import number_format
from receivables.billing.pages import amount_text
from receivables.collections.models import PayOff, PayOffExclusion, PayOffPolicy, PayOffRequest
from receivables.collections.payoff_facts import Limits, Part, PayOffFacts, ReasonFacts
from receivables.collections.rules import AssignmentFacts
from receivables.core.compiled import Arg, Compiled
from receivables.core.dates import months_later, today
from receivables.core.events import history, ref
from receivables.core.money import NumberFormat, format_number
from receivables.ledger.models import Allocation, JournalLine

ZERO = Decimal(0)
LOST = [Allocation.Kind.BAD_DEBT, Allocation.Kind.DIFFERENCE]
CAP_MONTHS = 12
PLAIN: DecimalField = DecimalField(max_digits=38, decimal_places=10)
RECENT = 200
PAY_BILL = "pay_bill"
UNLIMITED = Authority(ZERO, None)
# Reasons that take something off the invoice by a document of its own and are no loss.
CORRECTS = Q(document=Reason.Document.CREDIT_NOTE) & ~Q(kind__in=[Reason.Kind.BAD_DEBT, Reason.Kind.SMALL_DIFFERENCE])


@dataclass(frozen=True)
class Wish:
    """What is wanted of an invoice, which is as it was just read."""

    invoice: Invoice
    applied: Decimal
    pay_bill: bool = False
    bad_debt: Decimal = ZERO
    parts: Sequence[tuple[Reason, Decimal]] = ()
    ask: bool = False


POLICY = Compiled(lambda: PayOffPolicy.objects.filter(organization_id=Arg("organization")).select_related("reason"))
LOST_ON = Compiled(
    lambda: (
        Allocation.objects.filter(
            debit_item_id__any=Arg("items"), kind__in=LOST, reverses__isnull=True, reversed_by__isnull=True
        )
        .order_by()
        .values_list("debit_item_id")
        .annotate(sum=Sum("amount"))
    )
)


@dataclass(frozen=True)
class Standing:
    """What is known of an invoice beside its balance, in its currency: the live bad debt that was `given` on it, what
    is `waiting` for approval, and whether its customer is `excluded`."""

    given: Decimal
    waiting: Decimal
    excluded: bool


def _standing_rows() -> QuerySet[Any]:
    revised = Revision.objects.filter(invoice=OuterRef("pk"), number=OuterRef("current_revision"))
    asked = still_asked().filter(organization_id=Arg("organization"), invoice=OuterRef("pk")).order_by()
    barred = PayOffExclusion.objects.filter(organization_id=Arg("organization"), customer=OuterRef("account__customer"))
    return Invoice.objects.filter(organization_id=Arg("organization"), pk__any=Arg("invoices")).values_list(
        "pk",
        Subquery(revised.values("bad_debt")),
        Subquery(asked.values("invoice").annotate(sum=Sum("amount")).values("sum")),
        Exists(barred),
    )


STANDING = Compiled(_standing_rows)


def policy_of(actor: Any) -> PayOffPolicy:
    """The organization's policy as it stands, with its reason."""
    (policy,) = POLICY.fetch(organization=actor.organization_id)
    return policy


def limits_of(policy: PayOffPolicy) -> Limits:
    return Limits(
        policy.currency, policy.maximum, policy.percent, policy.cap, policy.reason.name, policy.reason.maximum,
        policy.reason_id,
    )  # fmt: skip


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


def standing_of(actor: Any, invoices: Sequence[Invoice]) -> dict[int, Standing]:
    """What is known of each invoice; bad debt counts that was settled by credit note or journal, and by its lines."""
    items = {invoice.open_item_id: invoice.pk for invoice in invoices}
    settled = [each.open_item_id for each in invoices if each.open_item.settled_otherwise]
    lost = {items[item]: amount for item, amount in (LOST_ON.fetch(items=settled) if settled else [])}
    keys = list(items.values())
    rows = STANDING.fetch(organization=actor.organization_id, invoices=keys) if keys else []
    return {
        pk: Standing(lost.get(pk, ZERO) + (by_lines or ZERO), waiting or ZERO, barred)
        for pk, by_lines, waiting, barred in rows
    }


def given_to(actor: Any, customers: set[int], day: date) -> dict[int, Decimal]:
    """What each customer was given as bad debt in the 12 months before a day, at its booked value in own currency: by
    credit note or journal, and by lines of invoices."""
    since = months_later(day, -CAP_MONTHS)
    lines: Any = JournalLine.objects.of(actor).filter(
        open_item__account__customer__in=customers, entry__allocations__debit_item=F("open_item"),
        entry__allocations__kind__in=LOST, entry__allocations__reverses__isnull=True,
        entry__allocations__reversed_by__isnull=True, entry__allocations__date__gt=since,
    )  # fmt: skip
    settled = lines.order_by().values_list("open_item__account__customer").annotate(sum=-Sum("organization_amount"))
    revised: Any = Revision.objects.of(actor).filter(
        invoice__account__customer__in=customers, number=F("invoice__current_revision"), bad_debt__gt=0,
        posting_date__gt=since,
    )  # fmt: skip
    value = ExpressionWrapper(F("bad_debt") * F("invoice__rate"), output_field=PLAIN)
    by_lines = revised.order_by().values_list("invoice__account__customer").annotate(sum=Sum(value))
    found: dict[int, Decimal] = {}
    for customer, amount in [*settled, *by_lines]:
        found[customer] = found.get(customer, ZERO) + amount
    return found


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
    invoices = [wish.invoice for wish in wishes]
    standing = standing_of(actor, invoices)
    customers = {wish.invoice.account.customer_id for wish in wishes}
    # A payment dated ahead does not reach beyond what was given until today.
    until = min(day, today(actor.organization))
    to = given_to(actor, customers, until) if policy.cap is not None and customers else {}
    authority = authority_of(actor, AuthorityKind.BAD_DEBT, currency, ref(policy.reason))
    reasons = PartReasons(actor, wishes, {pk: each.given for pk, each in standing.items()}, currency)
    return [
        PayOffFacts(
            assignment_facts(wish, currency, fmt),
            limits,
            pay_bill=wish.pay_bill,
            bad_debt=wish.bad_debt,
            given=standing[wish.invoice.pk].given,
            given_to_customer=to.get(wish.invoice.account.customer_id, ZERO),
            total=wish.invoice.open_item.amount,
            rate=rate,
            excluded=standing[wish.invoice.pk].excluded,
            customer=wish.invoice.account.customer.name,
            customer_id=wish.invoice.account.customer_id,
            authority=authority,
            parts=tuple(reasons.part(wish.invoice, reason, amount) for reason, amount in wish.parts),
            ask=wish.ask,
            waiting=standing[wish.invoice.pk].waiting,
        )
        for wish in wishes
    ]  # fmt: skip


class PartReasons:
    """What the named reasons may still take off each invoice; no query where nobody named one."""

    def __init__(self, actor: Any, wishes: Sequence[Wish], lost: Mapping[int, Decimal], currency: str) -> None:
        named = {reason.pk: reason for wish in wishes for reason, _amount in wish.parts}
        invoices = [wish.invoice for wish in wishes if wish.parts]
        self.kinds = {pk: authority_for(reason.kind) for pk, reason in named.items()}
        self.taken = taken_by(invoices, [pk for pk, reason in named.items() if reason.maximum is not None])
        self.given: dict[str, Mapping[int, Decimal]] = {"": {}, AuthorityKind.BAD_DEBT: lost}
        for kind in {*self.kinds.values()} - self.given.keys():
            self.given[kind] = given_away(invoices, kind)
        self.authority = {
            pk: authority_of(actor, kind, currency, ref(named[pk])) for pk, kind in self.kinds.items() if kind
        }

    def part(self, invoice: Invoice, reason: Reason, amount: Decimal) -> Part:
        kind, pk = self.kinds[reason.pk], invoice.pk
        facts = ReasonFacts(
            reason.pk, reason.name, settles_as(reason.kind) in LOST, kind, reason.maximum,
            self.taken.get((reason.pk, pk), ZERO), self.given[kind].get(pk, ZERO),
            self.authority.get(reason.pk, UNLIMITED),
        )  # fmt: skip
        return Part(facts, amount)


def given_away(invoices: Sequence[Invoice], kind: str) -> dict[int, Decimal]:
    """What was given on each invoice under an authority: by settlements, and by charges of its loads."""
    ids = [invoice.pk for invoice in invoices]
    found = given_by_invoice(ids, kind)
    for invoice, amount in given_by_charges(ids, kind).items():
        found[invoice] = found.get(invoice, ZERO) + amount
    return found


def taken_by(invoices: Sequence[Invoice], reasons: Sequence[int]) -> dict[tuple[int, int], Decimal]:
    """What these reasons took off these invoices before and still do, by reason and invoice."""
    if not reasons:
        return {}
    ids = [invoice.pk for invoice in invoices]
    lines: Any = live_lines(ids).filter(credit_note__reason__in=reasons)
    sums = lines.order_by().values_list("credit_note__reason", "invoice").annotate(sum=Sum("total"))
    found = {(reason, invoice): amount for reason, invoice, amount in sums}
    by_journal: Any = PayOff.objects.filter(
        invoice__in=ids, reason__in=reasons, credit_note=None, allocation__reversed_by__isnull=True
    )
    for reason, invoice, amount in by_journal.values_list("reason", "invoice").annotate(sum=Sum("amount")):
        found[reason, invoice] = found.get((reason, invoice), ZERO) + amount
    return found


def still_asked() -> QuerySet[PayOffRequest]:
    """What waits for approval, to be narrowed to the rows of one organization by the query that uses it."""
    waiting = ApprovalRequest.objects.filter(
        verb=PAY_BILL, state=ApprovalRequest.State.WAITING, subject_type__app_label="collections",
        subject_type__model="payoffrequest",
    )  # fmt: skip
    return PayOffRequest.objects.filter(pk__in=waiting.values("subject_id"))


def waiting_asked(actor: Any, **of: Any) -> QuerySet[PayOffRequest]:
    """What waits for approval, of an invoice or a payment."""
    return PayOffRequest.objects.of(actor).filter(pk__in=still_asked().values("pk"), **of)


def part_reasons(actor: Any) -> QuerySet[Reason]:
    """The reasons that a part of a difference may have. What corrects the invoice by a credit note takes the permission
    to issue one; what is given up as a loss does not."""
    reasons = Reason.objects.of(actor).filter(active=True).order_by("name")
    return reasons if actor.can("issue_credit_note") else reasons.exclude(CORRECTS)


def loss_reasons(actor: Any) -> QuerySet[Reason]:
    """The reasons that what is given up may be booked with."""
    kinds = [Reason.Kind.BAD_DEBT, Reason.Kind.SMALL_DIFFERENCE]
    return Reason.objects.of(actor).filter(active=True, kind__in=kinds).order_by("name")
