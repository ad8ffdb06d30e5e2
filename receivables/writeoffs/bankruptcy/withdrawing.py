"""Withdrawing a bankruptcy that was started in error: the debt goes back to where it stood, service that the filing
stopped goes on, payments are taken again. The filing stays in the history, and another may be started.

Nothing is published about it; all of it is ours.
"""

import hashlib
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.models import AgreementCharge, Load
from receivables.billing.operations.revisions import chosen_posting_date
from receivables.core.access import lock_rows
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.operations import SystemActor, operation
from receivables.customers.models import Account, Agreement
from receivables.customers.operations import cancel_agreement, edit_account, resume_service, stop_agreement
from receivables.writeoffs.bankruptcy.rules import WithdrawalFacts, withdraw_bankruptcy_blocker
from receivables.writeoffs.models import Bankruptcy, BankruptcyWithdrawal, DebtTransfer, WriteOff
from receivables.writeoffs.reversing import lock_accounts_of, planned_each, rests_of
from receivables.writeoffs.rules import account_not_found_blocker, still_owed_blocker
from receivables.writeoffs.taking_back import TakeBack, post_reversals
from receivables.writeoffs.transfers.operations import reverse_transfer

STEPS = frozenset({"cancel_agreement", "edit_account", "reverse_transfer", "stop_agreement"})
State = Agreement.State
ZERO = Decimal(0)
STOPPED = (State.STOPPED, State.CLOSED, State.REACTIVATED)


def standing_write_offs(bankruptcy: Bankruptcy) -> list[WriteOff]:
    """What a bankruptcy and its dividends moved and was not taken back whole, the oldest first."""
    rows = list(bankruptcy.write_offs.order_by("pk"))
    left = rests_of([row.pk for row in rows])
    return [row for row in rows if any(rest.amount for rest in left[row.pk])]


def untouched_transfers(actor: Any, bankruptcy: Bankruptcy) -> list[DebtTransfer]:
    """What went to the account of later service and stands there as it came: nothing of it was paid, moved on or
    written off."""
    rows = DebtTransfer.objects.of(actor).filter(
        source__account=bankruptcy.account_id, target__account=bankruptcy.new_account_id, reversal__isnull=True
    )
    return list(rows.exclude(items__open_item__live_settlements__gt=0).order_by("pk"))


def digest_of(write_offs: Sequence[WriteOff], transfers: Sequence[DebtTransfer]) -> str:
    """A fingerprint of what would go back."""
    left = rests_of([row.pk for row in write_offs])
    facts = [(row.pk, str(sum((rest.amount for rest in left[row.pk]), ZERO).normalize())) for row in write_offs]
    return hashlib.sha256(repr((facts, [row.pk for row in transfers])).encode()).hexdigest()


def withdrawal_facts(actor: Any, bankruptcy: Bankruptcy, **asked: Any) -> WithdrawalFacts:
    """What the rule looks at; `asked` are reason and posting date, where they are known."""
    found = standing_write_offs(bankruptcy)
    dividends = [row.number for row in found if row.method == WriteOff.Method.DIVIDEND]
    transfers = untouched_transfers(actor, bankruptcy)
    days = [*(row.posting_date for row in found), *(row.posting_date for row in transfers)]
    return WithdrawalFacts(
        max([bankruptcy.posting_date, *days]), BankruptcyWithdrawal.objects.filter(bankruptcy=bankruptcy).exists(),
        dividends[0] if dividends else "", **asked,
    )  # fmt: skip


@operation
def withdraw_bankruptcy(
    *, actor: Any, bankruptcy: Bankruptcy, reason: str, posting_date: date | None = None, seen: str = ""
) -> BankruptcyWithdrawal:
    """Take a bankruptcy back: its write-offs and what was moved to the account of later service are reversed, the
    service that it stopped goes on, its alert goes. Nothing is given up by it, so it takes a permission and no
    authority. `seen` is the digest of what was previewed. Raises `Refused` over a dividend that stands, and where
    something else would go back than was seen.
    """
    accounts = {bankruptcy.account_id, bankruptcy.new_account_id}
    refuse(account_not_found_blocker(found=len(lock_rows(Account.objects.of(actor), accounts)) == len(accounts)))
    current = Bankruptcy.objects.of(actor).select_related("account__customer", "new_account").get(pk=bankruptcy.pk)
    facts = withdrawal_facts(actor, current, reason=reason, posting_date=posting_date)
    refuse(withdraw_bankruptcy_blocker(facts))
    day = chosen_posting_date(actor, max(today(actor.organization), facts.posted), posting_date)
    worker, why = SystemActor(actor.organization, actor.name, STEPS, actor.user), reason.strip()
    moved_back, write_offs = untouched_transfers(actor, current), standing_write_offs(current)
    refuse(still_owed_blocker(gone=seen not in ("", digest_of(write_offs, moved_back))))
    for transfer in moved_back:
        reverse_transfer(actor=worker, transfer=transfer, reason=why, posting_date=day)
    _take_back(actor, write_offs, why, day)
    resumed = _resume(worker, current, why)
    _leave_new_account(worker, current, why)
    _take_alert(worker, current)
    made = BankruptcyWithdrawal.objects.create(
        organization=actor.organization, bankruptcy=current, reason=why, posting_date=day, created_by=actor.user
    )
    record(
        actor, "withdraw_bankruptcy", current,
        about=[
            current.account, current.account.customer, current.new_account, *write_offs, *moved_back, *resumed
        ],
        reason=why, resumed=[each.number for each in resumed],
    )  # fmt: skip
    return made


def _take_back(actor: Any, write_offs: Sequence[WriteOff], reason: str, day: date) -> None:
    """Everything that is left of them; their accounts are locked with the bankrupt one."""
    keys = [row.pk for row in write_offs]
    lock_accounts_of(actor, keys)
    takes = []
    for planned in planned_each(actor, keys, reason=reason, posting_date=day):
        refuse(None if isinstance(planned, TakeBack) else planned)
        takes += [planned] if isinstance(planned, TakeBack) else []
    post_reversals(actor, takes)


def _resume(worker: Any, bankruptcy: Bankruptcy, reason: str) -> list[Agreement]:
    """The service that the filing stopped is as it was, unless somebody did more with it since."""
    found = []
    for stop in bankruptcy.stops.select_related("agreement__type", "agreement__account__customer").order_by("pk"):
        if stop.agreement.state in STOPPED:
            resume_service(
                worker, stop.agreement, state=stop.state, stop_date=stop.stop_date,
                awaits_final_bill=stop.awaits_final_bill, reason=reason,
            )  # fmt: skip
            found.append(stop.agreement)
    return found


def _leave_new_account(worker: Any, bankruptcy: Bankruptcy, reason: str) -> None:
    """The service of the account that was opened ends, where nothing was billed on it and nothing is owed."""
    rows = Agreement.objects.of(worker).filter(
        account=bankruptcy.new_account_id, state__in=(State.PENDING_START, State.ACTIVE), payoff_balance=0
    )
    used = Load.objects.filter(agreement__in=rows).values("agreement")
    charged = AgreementCharge.objects.filter(agreement__in=rows, cancelled=False).values("agreement")
    for agreement in rows.exclude(pk__in=used).exclude(pk__in=charged).order_by("pk"):
        if agreement.transactions.exists():
            stop_agreement(actor=worker, agreement=agreement, reason=reason)
        else:
            cancel_agreement(actor=worker, agreement=agreement, reason=reason)


def _take_alert(worker: Any, bankruptcy: Bankruptcy) -> None:
    """What the filing said on the account goes; the rest of the alert stays."""
    account = bankruptcy.account
    if bankruptcy.alert and bankruptcy.alert in account.alert:
        left = account.alert.replace(bankruptcy.alert, "").strip()
        edit_account(actor=worker, account=account, alert=left)


def effects(actor: Any, bankruptcy: Bankruptcy) -> list[str]:
    """What became of service, accounts and debt, read after the withdrawal was tried."""
    said = []
    for stop in bankruptcy.stops.select_related("agreement").order_by("pk"):
        words = {"number": stop.agreement.number, "state": stop.agreement.get_state_display()}
        said.append(_("Agreement %(number)s is then: %(state)s.") % words)
    new = {"account": bankruptcy.new_account.number}
    if Agreement.objects.of(actor).filter(account=bankruptcy.new_account_id).exclude(payoff_balance=0).exists():
        said.append(_("What was billed or paid on account %(account)s stays there.") % new)
    elif bankruptcy.new_account.agreements.filter(state=State.ACTIVE).exists():
        said.append(_("Account %(account)s stays open: something was charged there.") % new)
    else:
        said.append(_("Nothing was billed on account %(account)s: its service ends.") % new)
    said.append(_("Payments are taken again. The filing stays in the history."))
    return said
