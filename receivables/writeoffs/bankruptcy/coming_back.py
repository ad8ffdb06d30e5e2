"""Debt from before a petition that came back after it: a payment bounced, a write-off was reversed, the payment of a
dividend was taken back. It moves to the bankruptcy type as what was owed at the filing did; until then nobody presses
for it. Nothing is published about it; all of it is ours.
"""

import datetime
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest, AuthorityKind
from receivables.approvals.operations import ask, waiting_request
from receivables.core.access import lock_rows
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import operation
from receivables.customers.models import Account
from receivables.writeoffs.bankruptcy.drafting import (
    Moving,
    bankruptcy_type,
    concerned,
    documents_of,
    exceeds_authority,
    parted,
    worked_out,
)
from receivables.writeoffs.bankruptcy.operations import move_to_type, moves_text
from receivables.writeoffs.bankruptcy.rules import AdditionFacts, add_to_bankruptcy_blocker
from receivables.writeoffs.drafting import last_posted, read_debts, waiting_for
from receivables.writeoffs.models import Bankruptcy, BankruptcyWithdrawal, WriteOff
from receivables.writeoffs.planning import Debt
from receivables.writeoffs.reading import gl_accounts
from receivables.writeoffs.rules import account_not_found_blocker, facts_moved_blocker, still_owed_blocker

VERB = "add_to_bankruptcy"
ZERO = Decimal(0)


@dataclass(frozen=True)
class Addition:
    """What somebody asks for: everything that came back to the account of a bankruptcy. `seen` is the digest of what
    the person was shown, empty if nothing was."""

    bankruptcy: Bankruptcy
    posting_date: datetime.date | None = None
    seen: str = ""


@dataclass(frozen=True, kw_only=True)
class Draft(Moving):
    """An addition worked out. Its bankruptcy was read anew."""

    addition: Addition


def outside(actor: Any, bankruptcy: Bankruptcy) -> list[Debt]:
    """What is owed from before the petition and does not stand on the bankruptcy type."""
    debts, held = read_debts(actor, bankruptcy.account_id, gl_accounts(actor))
    return parted(debts, held, documents_of(actor, debts), bankruptcy.filed_on)[0]


def outside_sums(actor: Any, bankruptcy: Bankruptcy) -> dict[str, Decimal]:
    """The same added up by currency."""
    sums: dict[str, Decimal] = {}
    for debt in outside(actor, bankruptcy):
        sums[debt.currency] = sums.get(debt.currency, ZERO) + debt.balance
    return sums


def addition_facts(actor: Any, bankruptcy: Bankruptcy, *, owed: bool, **more: Any) -> AdditionFacts:
    """What the rule looks at; `more` is about the day, where that is known."""
    return AdditionFacts(
        owed=owed, withdrawn=BankruptcyWithdrawal.objects.filter(bankruptcy=bankruptcy).exists(),
        asked=waiting_for(actor, bankruptcy.account, VERB).exists(), type_found=bankruptcy_type(actor) is not None,
        **more,
    )  # fmt: skip


def drafted(actor: Any, addition: Addition) -> Draft:
    """Lock the account, read everything anew, refuse what the rule forbids, and work it out. `Refused`."""
    waiting_request(addition.bankruptcy.account, VERB)
    locked = lock_rows(Account.objects.of(actor).select_related("customer"), [addition.bankruptcy.account_id])
    refuse(account_not_found_blocker(found=bool(locked)))
    bankruptcy = Bankruptcy.objects.of(actor).select_related("account__customer").get(pk=addition.bankruptcy.pk)
    moved, kind = outside(actor, bankruptcy), bankruptcy_type(actor)
    posted = last_posted(actor, [(debt, debt.balance) for debt in moved])
    chosen = addition.posting_date
    refuse(
        add_to_bankruptcy_blocker(
            addition_facts(actor, bankruptcy, owed=bool(moved), posting_date=chosen, posted=posted)
        )
    )
    draft = Draft(
        addition=replace(addition, bankruptcy=bankruptcy),
        **worked_out(actor, locked[0], moved, kind, posted, chosen),
    )  # fmt: skip
    refuse(still_owed_blocker(gone=addition.seen not in ("", draft.digest)))
    return draft


@operation
def add_to_bankruptcy(*, actor: Any, addition: Addition) -> list[WriteOff] | ApprovalRequest:
    """Move what came back since a petition to the bankruptcy type; the transfers, one a currency.

    Beyond the actor's authority nothing is done: the request that waits for approval is returned instead. Raises
    `Refused` where nothing came back, after a withdrawal, and on a closed day.
    """
    draft = drafted(actor, addition)
    if exceeds_authority(actor, draft.asked):
        return _ask_for(actor, draft)
    return carry_out(actor, draft, author=actor.user)


def release_addition(*, actor: Any, event: Any, subject: ApprovalRequest) -> None:
    """Reaction to a decision: an approved addition is carried out as it was asked for, if the facts still allow it.
    `Refused` refuses the decision as a whole."""
    if subject.verb != VERB or subject.state != ApprovalRequest.State.APPROVED:
        return
    facts = subject.facts
    chosen = datetime.date.fromisoformat(facts["posting_date"]) if facts["posting_date"] else None
    bankruptcy = Bankruptcy.objects.of(actor).select_related("account").get(pk=facts["bankruptcy"])
    draft = drafted(actor, Addition(bankruptcy, chosen))
    refuse(facts_moved_blocker(same=draft.digest == facts["digest"]))
    carry_out(actor, draft, author=subject.requested_by, approved_by=actor.user)


def _ask_for(actor: Any, draft: Draft) -> ApprovalRequest:
    """Put exactly this into the inbox."""
    addition, (currency, amount) = draft.addition, draft.asked
    return ask(
        actor, verb=VERB, kind=AuthorityKind.WRITE_OFF, subject=draft.account,
        title=_("Move debt of account %(account)s to its bankruptcy") % {"account": draft.account.number},
        currency=currency, amount=amount, reason=addition.bankruptcy.reference,
        preview=moves_text(actor, draft),
        about=[draft.account.customer],
        facts={
            "bankruptcy": addition.bankruptcy.pk, "digest": draft.digest,
            "posting_date": addition.posting_date.isoformat() if addition.posting_date else "",
        },
    )  # fmt: skip


def carry_out(actor: Any, draft: Draft, *, author: Any, approved_by: Any = None) -> list[WriteOff]:
    """Do what was drafted, in its transaction and under its locks."""
    bankruptcy = draft.addition.bankruptcy
    made = move_to_type(actor, draft, bankruptcy, author=author, approved_by=approved_by)
    currency, amount = draft.asked
    about = [draft.account, draft.account.customer, *made, *concerned(actor, draft.moved, made)]
    record(actor, VERB, bankruptcy, about=about, reason=bankruptcy.reference, amount=amount, currency=currency)
    return made
