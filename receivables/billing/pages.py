"""What pages and dialogs show of a load's billing: read once a request, asked by every button."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from accounts.roles import Role
from receivables.billing.charges import Priced
from receivables.billing.models import Accessorial, AccessorialType, ChargeKind, Entity, Invoice, Load, RevisionLine
from receivables.billing.operations.revisions import accounts_of
from receivables.billing.queries import LoadState, load_state, revenue_account, with_documents
from receivables.billing.rules import InvoiceFacts
from receivables.billing.status import Status, invoice_status, load_status
from receivables.billing.summary.parts import WRITTEN_OFF_KINDS, part_of
from receivables.billing.transferred import transfer_of
from receivables.core.dates import today
from receivables.core.money import NumberFormat, format_money
from receivables.ledger.models import Allocation, GLAccount, OpenItem
from receivables.ledger.queries import role_accounts

ZERO = Decimal(0)


def number_format(actor: Any) -> NumberFormat:
    """How this actor reads numbers."""
    return NumberFormat.of(actor.organization, actor.user)


def amount_text(actor: Any, amount: Decimal, currency: str) -> str:
    """An amount with its currency, as it stands in a sentence."""
    return format_money(amount, currency, number_format(actor), with_code=True)


def state_of(load: Load, actor: Any) -> LoadState:
    """The state of a load's billing, kept on the object so that a page's buttons read it once."""
    kept: LoadState | None = load.__dict__.get("_billing_state")
    if kept is None:
        current = load
        if "_with_documents" not in load.__dict__:
            current = with_documents(Load.objects.of(actor)).get(pk=load.pk)
        current.organization = actor.organization
        kept = load_state(current, revenue_account(actor))
        load.__dict__["_billing_state"] = kept
    return kept


def facts_of(load: Load, actor: Any) -> InvoiceFacts:
    """What the rules about a load's invoice look at."""
    return state_of(load, actor).facts(number_format(actor))


def administrator(actor: Any) -> str:
    """Whom to ask for a permission: the organization's first active Admin."""
    found = (
        Membership.objects.filter(
            organization_id=actor.organization_id, role=Role.ADMIN, active=True, user__is_active=True
        )
        .select_related("user")
        .order_by("pk")
        .first()
    )
    return found.name if found else str(_("an administrator"))


@dataclass(frozen=True)
class Split:
    """How an invoice was settled so far; always shown in full, so that nothing written off reads as paid."""

    total: Decimal
    paid: Decimal
    credited: Decimal
    written_off: Decimal
    balance: Decimal
    moved: Decimal = ZERO


def split_of(invoice: Invoice, price_concession: Decimal, bad_debt: Decimal, settled_as_loss: Decimal | None) -> Split:
    """Paid, credited, written off, moved: by the kinds of charges and of live settlements, never by their accounts."""
    item = invoice.open_item
    lost, moved = settled_as_loss or ZERO, moved_off(invoice)
    others = item.amount - item.balance - item.paid - lost - moved
    return Split(item.amount, item.paid, price_concession + others, bad_debt + lost, item.balance, moved)


def moved_off(invoice: Invoice) -> Decimal:
    """What of an invoice was moved to another agreement, where it is owed since; lists have read it with their rows."""
    listed = invoice.__dict__.get("moved_off", ...)
    if listed is not ...:
        return listed or ZERO
    return _settled(invoice.open_item, [Allocation.Kind.MOVED])


def settled_as_loss(item: OpenItem) -> Decimal:
    """What live settlements wrote off, transferred or let go as a small difference."""
    return _settled(item, WRITTEN_OFF_KINDS)


def _settled(item: OpenItem, kinds: Sequence[str]) -> Decimal:
    """Of these kinds; no query where nothing but payments settled the item."""
    if not item.settled_otherwise:
        return ZERO
    total = Allocation.objects.filter(
        debit_item=item, kind__in=kinds, reverses__isnull=True, reversed_by__isnull=True
    ).aggregate(total=Sum("amount"))["total"]
    return total or ZERO


def status_of(invoice: Invoice, split: Split, actor: Any) -> Status:
    """How an invoice reads today; lists have read what was transferred with their rows."""
    listed: str | None = getattr(invoice, "transfer", None)
    return invoice_status(
        total=split.total,
        balance=split.balance,
        paid=split.paid,
        bad_debt=split.written_off,
        voided=invoice.voided_at is not None,
        due_date=invoice.due_date,
        today=today(actor.organization),
        transfer=listed if listed is not None else transfer_of(invoice.open_item),
    )


def load_balance(load: Load) -> Decimal:
    """What is open of a load: on a summary invoice of its own part, else of its invoice."""
    if load.invoice is None:
        return ZERO
    return part_of(load).balance if load.invoice.summary else load.invoice.open_item.balance


def workplace(load: Load, actor: Any) -> Load | Invoice:
    """Where the work on a load's invoice goes on: on the invoice if it is over several loads."""
    invoice = state_of(load, actor).invoice
    return invoice if invoice is not None and invoice.summary else load


def billing_status(load: Load) -> Status:
    """The billing status of a load, from its invoice; one whose invoice was voided is a draft again."""
    invoice = load.invoice
    live = invoice is not None and invoice.voided_at is None
    return load_status(
        has_invoice=live,
        sent=invoice is not None and invoice.sent_revision is not None,
        settled=live and load_balance(load) == 0,
        tonu=load.tonu,
    )


@dataclass(frozen=True)
class EffectLine:
    """A line that a verb would post, in the document's currency, or in one of its own that is named."""

    account: str
    debit: Decimal | None
    credit: Decimal | None
    currency: str = ""


def journal_effect(actor: Any, state: LoadState, priced: Priced) -> list[EffectLine]:
    """What the journal gets if the invoice becomes these charges: the difference, debits first."""
    before = accounts_of([state.revision])[state.revision.pk] if state.revision else {}
    after = priced.by_account()
    moves = {account: before.get(account, ZERO) - after.get(account, ZERO) for account in {*before, *after}}
    control = role_accounts(actor.organization_id, GLAccount.Role.RECEIVABLES)[GLAccount.Role.RECEIVABLES]
    moves[control] = moves.get(control, ZERO) + priced.total - (state.revision.total if state.revision else ZERO)
    names = GLAccount.objects.in_bulk([account for account, amount in moves.items() if amount])
    lines = [
        EffectLine(str(names[account]), amount if amount > 0 else None, -amount if amount < 0 else None)
        for account, amount in sorted(moves.items(), key=lambda move: names[move[0]].code if move[1] else "")
        if amount
    ]
    return sorted(lines, key=lambda line: line.debit is None)


@dataclass(frozen=True)
class Suggestion:
    """An amount that a reduction is likely to have, and why."""

    label: str
    amount: Decimal


def suggestions(load: Load, actor: Any) -> list[Suggestion]:
    """What may be taken off: the part a deleted payment fell short by, and all that is unpaid."""
    state = state_of(load, actor)
    if state.item is None or state.invoice is None or state.invoice.voided_at:
        return []
    item = state.item
    unpaid = state.priced.total - (item.amount - item.balance)
    if state.on_summary:
        unpaid = min(unpaid, part_of(state.load).balance)
    found = []
    deleted = None if item.live_payments else _last_undone_payment(item.pk)
    if deleted is not None and deleted.credit_item and ZERO < deleted.amount < unpaid:
        label = _("Short of payment %(number)s, which was deleted") % {"number": deleted.credit_item.number}
        found.append(Suggestion(label, unpaid - deleted.amount))
    if unpaid > 0:
        found.append(Suggestion(_("Unpaid on this invoice"), unpaid))
    return found


def _last_undone_payment(item_id: int) -> Allocation | None:
    return (
        Allocation.objects.filter(
            debit_item_id=item_id, kind=Allocation.Kind.PAYMENT, reverses__isnull=True, reversed_by__isnull=False
        )
        .select_related("credit_item")
        .order_by("-pk")
        .first()
    )


@dataclass(frozen=True)
class NoType:
    """Why the drop-down of types offers no adjustment, and what to do about it."""

    message: str
    link: str = ""
    link_label: str = ""


def no_adjustment_type(actor: Any) -> NoType | None:
    """The explanation if no type for write-offs or adjustments may be used for customers."""
    kinds = (ChargeKind.BAD_DEBT, ChargeKind.PRICE_CONCESSION)
    usable = Q(active=True, kind__in=kinds, entities__contains=[Entity.CUSTOMER])
    if AccessorialType.objects.of(actor).filter(usable).exists():
        return None
    message = _(
        "There is no write-off or adjustment type yet. An administrator can add one in Settings > Accessorials."
    )
    if actor.can("manage_accessorial_types"):
        return NoType(message, _add_type_url(), _("Add a type"))
    return NoType(f"{message} {_('Ask %(name)s.') % {'name': administrator(actor)}}")


def _add_type_url() -> str:
    try:
        return reverse("admin:billing_accessorialtype_add")
    except NoReverseMatch:
        return ""


def live_accessorials(state: LoadState) -> list[Accessorial]:
    """Accessorials that count or wait for approval, oldest first; each knows the load that the page is about."""
    rows = sorted([*state.accessorials, *state.waiting], key=lambda row: int(row.pk))
    for row in rows:
        row.load = state.load
    return rows


def billed_lines(state: LoadState) -> list[RevisionLine]:
    """The lines of the current revision that belong to this load."""
    if state.revision is None:
        return []
    own = Q(load_id=state.load.pk) | Q(load__isnull=True)
    return list(RevisionLine.objects.filter(own, revision=state.revision).order_by("line_no"))
