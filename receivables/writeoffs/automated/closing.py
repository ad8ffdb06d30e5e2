"""Closing an agreement without writing it off: the customer's own money, the sync, small differences, a refund."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.collections.models import BankAccount, Payment
from receivables.collections.queries import unapplied
from receivables.collections.unapplied.queries import on_account
from receivables.collections.unapplied.refunds import refund_unapplied
from receivables.core.errors import Blocker, Refused
from receivables.core.events import record
from receivables.core.operations import SystemActor
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import Allocation, GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.rates.queries import rate_on
from receivables.writeoffs.automated.models import WriteDown, WriteOffControl
from receivables.writeoffs.automated.reading import small_of
from receivables.writeoffs.automated.rules import is_small
from receivables.writeoffs.models import DebtTransfer
from receivables.writeoffs.own_money import apply_first, money_of
from receivables.writeoffs.planning import Debt, after_money
from receivables.writeoffs.posting import sync_current
from receivables.writeoffs.reading import debts_of, out_of_step
from receivables.writeoffs.transfers.drafting import Move, with_types, worked_out
from receivables.writeoffs.transfers.operations import carry_out

ZERO = Decimal(0)
IN_SERVICE = (Agreement.State.ACTIVE, Agreement.State.PENDING_START)
REFUNDS = frozenset({"refund_unapplied"})


def fresh(actor: Any, agreements: Sequence[Agreement]) -> list[Agreement]:
    """The agreements as they are now, with what planning needs of their types."""
    rows = Agreement.objects.of(actor).filter(pk__in=[each.pk for each in agreements])
    return list(rows.select_related("type__write_off_debt_class", "type__debt_class").order_by("pk"))


def apply_money(
    actor: Any, account: Account, agreements: Sequence[Agreement], accounts: dict[int, GLAccount], day: date
) -> Decimal:
    """Apply what the customer has with us to these agreements' debt, the oldest first; how much that was."""
    used_in_all = ZERO
    for currency in sorted({each.currency for each in agreements}):
        own = [each for each in agreements if each.currency == currency and each.payoff_balance > 0]
        money = money_of(actor, account.pk, currency)
        if not own or not money.total:
            continue
        picked = [(debt, debt.balance) for debt in debts_of(actor, own, accounts) if debt.payable]
        _left, used = after_money(picked, money.total)
        if used:
            posted = chosen_posting_date(actor, day, None)
            apply_first(actor, money, picked, used, posting_date=posted, reason=_("Applied before a write-off."))
            used_in_all += used
    return used_in_all


def sync(actor: Any, agreements: Sequence[Agreement], day: date) -> None:
    """What is asked for becomes what is truly owed."""
    sync_current(actor, out_of_step(actor, [each.pk for each in agreements]), day)


def move_to_service(actor: Any, agreements: Sequence[Agreement]) -> dict[int, DebtTransfer]:
    """Move what these agreements owe to one of their account that is in service, by agreement (documented as a step of
    closing); the debt is collected there with what is billed since. Without running service nothing moves."""
    made = {}
    rows = with_types(Agreement.objects.of(actor)).filter(pk__in=[each.pk for each in agreements])
    for source in rows.order_by("pk"):
        target = service_beside(actor, source)
        if target is not None and source.payoff_balance > 0:
            move = Move(source, target, _("Moved to running service before a write-off."))
            made[source.pk] = carry_out(actor, worked_out(actor, move, source, target))
    return made


def service_beside(actor: Any, source: Agreement) -> Agreement | None:
    """The agreement of the same account that takes the debt: billed, in service or about to be, of the same type
    first, then the oldest (which of several is ours)."""
    rows = with_types(Agreement.objects.of(actor)).filter(
        account=source.account_id, currency=source.currency, state__in=IN_SERVICE,
        type__special_role=AgreementType.SpecialRole.NONE, type__eligible_for_billing=True,
    )  # fmt: skip
    return min(rows.exclude(pk=source.pk), key=lambda each: (each.type_id != source.type_id, each.pk), default=None)


def write_down_small(
    actor: Any, account: Account, agreement: Agreement, control: WriteOffControl, accounts: dict[int, GLAccount],
    day: date,
) -> WriteDown | None:  # fmt: skip
    """Close a small debt or credit as a difference; None if it is not small."""
    if not is_small(agreement.payoff_balance, small_of(control)):
        return None
    posted = chosen_posting_date(actor, day, None)
    written = WriteDown.objects.create(
        organization=actor.organization, account=account, agreement=agreement, control=control,
        currency=agreement.currency, amount=agreement.payoff_balance, posting_date=posted, created_by=actor.user,
    )  # fmt: skip
    debts = debts_of(actor, [agreement], accounts) if agreement.payoff_balance > 0 else []
    lines = _down(debts, control) if debts else _up(actor, agreement, control)
    rate = rate_on(actor, agreement.currency, posted)
    entry = post(
        actor, Draft("write_down", written, day, posted, agreement.currency, lines, rate, memo=agreement.number)
    )[0]
    Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.DIFFERENCE, debit_item_id=debt.item_id, entry=entry,
            currency=debt.currency, amount=debt.balance, date=posted,
        )
        for debt in debts
        if debt.item_id is not None
    )  # fmt: skip
    record(
        actor, "write_down", agreement, about=[account, account.customer], amount=written.amount,
        currency=written.currency,
    )  # fmt: skip
    return written


def _down(debts: Sequence[Debt], control: WriteOffControl) -> list[Line]:
    """Dr small differences / Cr what the debt stands on, at the value it is booked at."""
    amount, own = sum((debt.balance for debt in debts), ZERO), sum((debt.own_balance for debt in debts), ZERO)
    return [
        Line(
            control.difference_account_id, amount, for_agreement_id=debts[0].agreement_id, organization_amount=own
        ),
        *(
            Line(
                debt.standing_on, -debt.balance, open_item_id=debt.item_id, agreement_id=debt.agreement_id,
                organization_amount=-debt.own_balance,
            )
            for debt in debts
        ),
    ]  # fmt: skip


def _up(actor: Any, agreement: Agreement, control: WriteOffControl) -> list[Line]:
    """Dr what the credit stands on / Cr small differences. An open item of it gets smaller itself: it is settled by
    nothing."""
    items = list(OpenItem.objects.of(actor).filter(agreement=agreement, balance__lt=0).order_by("pk"))
    rest = -agreement.payoff_balance + sum((item.balance for item in items), ZERO)
    lines = [
        Line(
            item.gl_account_id, -item.balance, open_item_id=item.pk, opens=True, agreement_id=agreement.pk,
            organization_amount=-item.organization_balance,
        )
        for item in items
    ]  # fmt: skip
    if rest:
        lines.append(Line(agreement.type.gl_account_id, rest, agreement_id=agreement.pk))
    own = sum((line.booked for line in lines), ZERO) if not rest else None
    return [
        *lines,
        Line(
            control.difference_account_id, agreement.payoff_balance, for_agreement_id=agreement.pk,
            organization_amount=-own if own is not None else None,
        ),
    ]  # fmt: skip


def ask_for_refunds(
    actor: Any, account: Account, controls: Mapping[str, WriteOffControl], day: date
) -> list[ApprovalRequest]:
    """Ask that the money left on an account be given back, where a control of its currency says so: always by approval,
    in the responsible person's name."""
    asked = []
    money = on_account(actor, account=account.pk).filter(currency__in=controls)
    for payment in money.exclude(pk__in=_asked_before(actor)):
        asker, bank = responsible(actor, controls[payment.currency], REFUNDS), bank_of(actor, payment)
        made = refund_unapplied(
            actor=asker, payment=payment, amount=unapplied(payment), bank_account=bank, date=day,
            method=payment.method, reason=_("The service has ended and nothing is owed."),
        )  # fmt: skip
        if isinstance(made, ApprovalRequest):
            asked.append(made)
    return asked


def _asked_before(actor: Any) -> QuerySet:
    """Payments whose refund waits for a decision or was refused: nobody is asked twice."""
    state = ApprovalRequest.State
    rows = ApprovalRequest.objects.of(actor).filter(verb="refund_unapplied", state__in=[state.WAITING, state.REJECTED])
    return rows.values("subject_id")


def bank_of(actor: Any, payment: Payment) -> BankAccount:
    """Out of which bank account money goes back: the one that it came to, else one in its currency."""
    rows = BankAccount.objects.of(actor).filter(active=True, currency=payment.currency)
    bank = rows.filter(pk=payment.bank_account_id).first() or rows.order_by("pk").first()
    if bank is None:
        message = _("There is no active bank account in %(currency)s.")
        raise Refused(Blocker("no_bank", message % {"currency": payment.currency}))
    return bank


def responsible(actor: Any, control: WriteOffControl, verbs: frozenset[str]) -> SystemActor:
    """Who asks for what the automated process may not do alone: the control's responsible person. It has no authority
    of its own, so that everything waits for somebody else."""
    user = control.responsible
    if user is None:
        message = _("This needs approval, and the write-off control “%(control)s” names nobody who asks for it.")
        raise Refused(Blocker("nobody_asks", message % {"control": control}))
    return SystemActor(actor.organization, actor.name, verbs, user)
