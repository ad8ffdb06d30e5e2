"""Starting a bankruptcy: service stops, the debt moves to the bankruptcy type, later service has an account of its own.

Source: the process model of the utility systems that work this way; that nothing is set off, and that every share keeps
its override on the one bankruptcy type, is ours.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import ask
from receivables.billing.operations.locking import number_format
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.money import format_money
from receivables.core.operations import SystemActor, operation
from receivables.customers.holds import on_plan
from receivables.customers.models import Account, Agreement
from receivables.customers.operations import create_account, stop_agreement
from receivables.writeoffs.alerts import warn
from receivables.writeoffs.bankruptcy.drafting import (
    VERB,
    Draft,
    Filing,
    Moving,
    concerned,
    drafted,
    exceeds_authority,
)
from receivables.writeoffs.models import Bankruptcy, BankruptcyStop, DebtTransfer, WriteOff
from receivables.writeoffs.planning import Debt
from receivables.writeoffs.posting import Ready, post_write_offs, sync_current
from receivables.writeoffs.reading import out_of_step
from receivables.writeoffs.rules import facts_moved_blocker
from receivables.writeoffs.transfers.drafting import Move, disputed, with_types, worked_out
from receivables.writeoffs.transfers.operations import carry_out as move_debt

STEPS = frozenset({"stop_agreement", "create_account", "edit_account"})


@operation
def start_bankruptcy(*, actor: Any, filing: Filing) -> Bankruptcy | ApprovalRequest:
    """Stop an account's service at the petition, move what was owed then to the bankruptcy type, and open an account
    for later service. Money received stays on account: nothing is set off.

    Beyond the actor's authority nothing is done: the request that waits for approval is returned instead. Raises
    `Refused` for a second bankruptcy of an account, a day to come, a closed day.
    """
    draft = drafted(actor, filing)
    if exceeds_authority(actor, draft.asked):
        return ask_for(actor, draft)
    return carry_out(actor, draft, author=actor.user)


def release_bankruptcy(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved bankruptcy is carried out as it was asked for, if the facts still allow it.
    `Refused` refuses the decision as a whole."""
    if subject.verb != VERB or subject.state != ApprovalRequest.State.APPROVED:
        return
    facts = subject.facts
    chosen = date.fromisoformat(facts["posting_date"]) if facts["posting_date"] else None
    account = Account.objects.of(actor).get(pk=facts["account"])
    draft = drafted(actor, Filing(account, date.fromisoformat(facts["filed_on"]), subject.reason, chosen))
    refuse(facts_moved_blocker(same=draft.digest == facts["digest"]))
    carry_out(actor, draft, author=subject.requested_by, approved_by=actor.user)


def ask_for(actor: Any, draft: Draft) -> ApprovalRequest:
    """Put exactly this bankruptcy into the inbox."""
    filing, (currency, amount) = draft.filing, draft.asked
    words = {"account": draft.account.number, "day": filing.filed_on.isoformat()}
    preview = moves_text(actor, draft)
    preview += [_("Agreement %(number)s is stopped.") % {"number": each.number} for each in draft.stopping]
    preview.append(_("A new account is opened for service after %(day)s.") % words)
    return ask(
        actor, verb=VERB, kind=AuthorityKind.WRITE_OFF, subject=draft.account,
        title=_("Start the bankruptcy of account %(account)s, filed on %(day)s") % words, currency=currency,
        amount=amount, reason=filing.reference.strip(), preview=preview, about=[draft.account.customer],
        facts={
            "account": draft.account.pk, "filed_on": filing.filed_on.isoformat(), "digest": draft.digest,
            "posting_date": filing.posting_date.isoformat() if filing.posting_date else "",
        },
    )  # fmt: skip


def carry_out(actor: Any, draft: Draft, *, author: Any, approved_by: Any = None) -> Bankruptcy:
    """Do what was drafted, in its transaction and under its locks."""
    account, filing = draft.account, draft.filing
    worker = SystemActor(actor.organization, actor.name, STEPS, actor.user)
    new_account = _stop_and_open(worker, draft)
    bankruptcy = Bankruptcy.objects.create(
        organization=actor.organization, account=account, new_account=new_account, filed_on=filing.filed_on,
        reference=filing.reference.strip(), posting_date=draft.posting_date, created_by=author,
        approved_by=approved_by, alert=_("Bankruptcy filed on %(day)s: do not collect.") % {
            "day": filing.filed_on.isoformat()
        },
    )  # fmt: skip
    _keep_what_was(draft, bankruptcy)
    write_offs = move_to_type(actor, draft, bankruptcy, author=author, approved_by=approved_by)
    later = move_later(actor, draft, bankruptcy)
    warn(worker, account, bankruptcy.alert)
    currency, amount = draft.asked
    record(
        actor, "start_bankruptcy", bankruptcy, about=[
            account, account.customer, new_account, *write_offs, *concerned(actor, draft.moved, write_offs), *later,
        ],
        reason=bankruptcy.reference, amount=amount, currency=currency, filed_on=filing.filed_on,
        new_account=new_account.number, stopped=[each.number for each in draft.stopping],
    )  # fmt: skip
    return bankruptcy


def move_to_type(
    actor: Any, moving: Moving, bankruptcy: Bankruptcy, *, author: Any, approved_by: Any
) -> list[WriteOff]:  # fmt: skip
    """Post what moves to the bankruptcy type: a write-off for each currency."""
    sources = list({debt.agreement_id: None for debt in moving.moved})
    sync_current(actor, out_of_step(actor, sources), moving.posting_date)
    return post_write_offs(
        actor,
        [
            Ready(
                moving.account, each, currency, bankruptcy.reference, moving.date, moving.posting_date,
                WriteOff.Method.BANKRUPTCY, None, author, approved_by, bankruptcy,
            )
            for currency, each in moving.plans.items()
        ],
    )  # fmt: skip


def moves_text(actor: Any, moving: Moving) -> list[str]:
    """What an approver reads of what moves."""
    fmt, moves = number_format(actor), _("%(amount)s moves to the bankruptcy type, on which no payment is taken.")
    return [
        moves % {"amount": format_money(each.amount, code, fmt, with_code=True)} for code, each in moving.plans.items()
    ]


def move_later(actor: Any, draft: Draft, bankruptcy: Bankruptcy) -> list[DebtTransfer]:
    """What was billed after the petition goes to the account of later service (documented); what is disputed, or paid
    by a plan, stays until that is over, and is moved by hand then."""
    by_source: dict[int, list[Debt]] = {}
    for debt in draft.later:
        by_source.setdefault(debt.agreement_id, []).append(debt)
    held = disputed(actor, [debt.item_id for debt in draft.later if debt.item_id])
    planned = on_plan(actor, list(by_source))
    sources = with_types(Agreement.objects.of(actor)).in_bulk(list(by_source))
    made = []
    for key, debts in by_source.items():
        source = sources[key]
        target = with_types(bankruptcy.new_account.agreements.filter(currency=source.currency)).first()
        picks = {debt.key: debt.balance for debt in debts if debt.item_id not in held and key not in planned}
        if target is not None and picks:
            reason = _("Billed after the petition: %(case)s") % {"case": bankruptcy.reference}
            move = Move(source, target, reason, picks=picks)
            made.append(move_debt(actor, worked_out(actor, move, source, target), about=[bankruptcy]))
    return made


def _stop_and_open(worker: Any, draft: Draft) -> Account:
    """Service ends with the petition; what is served later is billed to an account of its own."""
    filing = draft.filing
    for agreement in draft.stopping:
        stop_agreement(actor=worker, agreement=agreement, stop_date=filing.filed_on, reason=filing.reference.strip())
    currency = draft.stopping[0].currency if draft.stopping else ""
    return create_account(
        actor=worker, customer=draft.account.customer, name=draft.account.name, currency=currency,
        collection_class=draft.account.collection_class, start_date=filing.filed_on,
    )  # fmt: skip


def _keep_what_was(draft: Draft, bankruptcy: Bankruptcy) -> None:
    """The service that was stopped as it was before: `draft` was read before the stop."""
    BankruptcyStop.objects.bulk_create(
        BankruptcyStop(
            organization=bankruptcy.organization, bankruptcy=bankruptcy, agreement=agreement, state=agreement.state,
            stop_date=agreement.stop_date, awaits_final_bill=agreement.awaits_final_bill,
        )
        for agreement in draft.stopping
    )  # fmt: skip


def owed_of(bankruptcy: Bankruptcy) -> dict[str, Decimal]:
    """What is still owed of a bankruptcy on the bankruptcy type, by currency."""
    sums: dict[str, Decimal] = {}
    of_write_offs = bankruptcy.write_offs.filter(method=WriteOff.Method.BANKRUPTCY)
    rows = of_write_offs.values_list("items__open_item__currency", "items__open_item__balance")
    for currency, balance in rows.order_by("pk", "items"):
        if balance:
            sums[currency] = sums.get(currency, Decimal(0)) + balance
    return sums
