"""What each kind of event does when its day has come, under the account's lock and in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Q, Sum, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from receivables.approvals.models import ApprovalRequest
from receivables.billing.operations.locking import number_format
from receivables.core.errors import Blocker, Refused
from receivables.core.money import format_money
from receivables.customers.models import Account, Agreement
from receivables.writeoffs.automated.closing import apply_money, fresh, responsible, sync
from receivables.writeoffs.automated.criteria import FUNCTIONS
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.letters import words_of
from receivables.writeoffs.automated.mailing import put_into_the_mail, recipients_of
from receivables.writeoffs.automated.models import CollectionAgency, ProcessEvent, Referral, WriteOffProcess
from receivables.writeoffs.automated.processes import cancel_referrals
from receivables.writeoffs.automated.reading import linked, owed
from receivables.writeoffs.drafting import Wanted, drafted
from receivables.writeoffs.operations import carry_out
from receivables.writeoffs.reading import gl_accounts
from receivables.writeoffs.requests import ask_for

State = ProcessEvent.State
ASKING = frozenset({"write_off_debt"})


@dataclass(frozen=True)
class Moment:
    """An event that is to happen now: who acts, when, on which account, about which agreements."""

    actor: Any
    day: date
    account: Account
    process: WriteOffProcess
    event: ProcessEvent
    agreements: list[Agreement]

    @property
    def amount(self) -> Decimal:
        return owed(self.agreements)

    def text(self, amount: Decimal) -> str:
        return format_money(amount, self.process.currency, number_format(self.actor), with_code=True)


@dataclass(frozen=True)
class Happened:
    """What came of an event: a sentence, the request that it waits for, the agency that it chose."""

    outcome: str
    request: ApprovalRequest | None = None
    agency: CollectionAgency | None = None


def _refer(now: Moment) -> Happened:
    """To the agency that is named, else to the one with the least debt to collect (source: the published sample)."""
    if Referral.objects.filter(process=now.process, active=True).exists():
        raise Refused(Blocker("referred", _("The debt of this process is referred to an agency already.")))
    agency = now.event.agency or _least_busy(now.actor, now.process.currency)
    if agency is None:
        raise Refused(Blocker("no_agency", _("There is no active collection agency. Add one in the settings.")))
    Referral.objects.create(
        organization=now.actor.organization, process=now.process, agency=agency, currency=now.process.currency,
        amount=now.amount, referred_on=now.day, created_by=now.actor.user,
    )  # fmt: skip
    words = {"amount": now.text(now.amount), "agency": agency.name}
    return Happened(_("%(amount)s referred to %(agency)s.") % words, agency=agency)


def _least_busy(actor: Any, currency: str) -> CollectionAgency | None:
    """The agency with the least to collect in this currency: amounts of several are not added up."""
    own = Q(referrals__active=True, referrals__currency=currency)
    open_now = Coalesce(Sum("referrals__amount", filter=own), Value(Decimal(0)), output_field=DecimalField())
    rows = CollectionAgency.objects.of(actor).filter(active=True).annotate(referred=open_now)
    return rows.order_by("referred", "pk").first()


def _cancel_referral(now: Moment) -> Happened:
    cancelled = cancel_referrals(now.process)
    return Happened(_("The referral was cancelled.") if cancelled else _("There was no referral to cancel."))


def _letter(now: Moment) -> Happened:
    """Its words are kept as they are now, so that the letter stays what it was. By e-mail where the template says so
    and the customer has an address, else to be printed."""
    now.event.text = words_of(now.event)
    to = recipients_of(now.event)
    words = {"amount": now.text(now.amount), "to": ", ".join(to)}
    if not to:
        return Happened(_("A letter over %(amount)s was written.") % words)
    put_into_the_mail(now.actor, now.event, to)
    return Happened(_("A letter over %(amount)s goes to %(to)s by e-mail.") % words)


def _to_do(now: Moment) -> Happened:
    return Happened(_("It is on the list of what is to be done."))


def _credit_rating(now: Moment) -> Happened:
    words = {"points": now.event.points or 0, "months": now.event.months or 0}
    return Happened(_("The credit rating goes down by %(points)s points for %(months)s months.") % words)


def _function(now: Moment) -> Happened:
    function = FUNCTIONS.get(now.event.function)
    if function is None:
        raise Refused(Blocker("no_function", _("Nobody knows the function of this event any more.")))
    return Happened(function.run(now.actor, now.process, now.event)[:300])


def _write_off(now: Moment) -> Happened:
    """Write everything off, agreements above the control's maximum only by approval. The customer's own money goes
    first."""
    sync(now.actor, now.agreements, now.day)
    apply_money(now.actor, now.account, now.agreements, gl_accounts(now.actor), now.day)
    owing = [each for each in fresh(now.actor, now.agreements) if each.payoff_balance > 0]
    most = now.process.control.maximum
    above = [each for each in owing if most is not None and each.payoff_balance > most]
    within = [each for each in owing if each not in above]
    reason = now.event.text.strip() or _("Automated write-off")
    if within:
        carry_out(now.actor, drafted(now.actor, _wanted(now, within, reason)), author=now.actor.user)
    words = {"amount": now.text(owed(within)), "above": now.text(owed(above))}
    if not above:
        return Happened(_("%(amount)s written off.") % words)
    asker = responsible(now.actor, now.process.control, ASKING)
    request = ask_for(asker, drafted(asker, _wanted(now, above, reason)))
    return Happened(_("%(amount)s written off; %(above)s waits for approval.") % words, request)


def _wanted(now: Moment, agreements: list[Agreement], reason: str) -> Wanted:
    return Wanted(now.account, reason, agreements=[each.pk for each in agreements], to_type=now.event.to_type)


PERFORM: dict[str, Callable[[Moment], Happened]] = {
    EventKind.REFER: _refer,
    EventKind.CANCEL_REFERRAL: _cancel_referral,
    EventKind.LETTER: _letter,
    EventKind.TO_DO: _to_do,
    EventKind.CREDIT_RATING: _credit_rating,
    EventKind.WRITE_OFF: _write_off,
    EventKind.WRITE_OFF_TO_TYPE: _write_off,
    EventKind.FUNCTION: _function,
}


WRITTEN = ["state", "text", "done_on", "outcome", "amount", "rows", "request", "agency", "version"]


def perform(actor: Any, account: Account, event: ProcessEvent, day: date) -> Happened:
    """Do what an event says. While it runs it is not to come any more: when its agreements close they end the process,
    which cancels only what is. Raises `Refused`."""
    agreements = linked(event.process)
    now = Moment(actor, day, account, event.process, event, agreements)
    event.amount = now.amount
    event.rows = [{"number": each.number, "amount": str(max(each.payoff_balance, Decimal(0)))} for each in agreements]
    ProcessEvent.objects.filter(pk=event.pk).update(state=State.RUNNING)
    happened = PERFORM[event.kind](now)
    event.outcome, event.request = happened.outcome[:300], happened.request
    event.agency = happened.agency or event.agency
    event.state = State.WAITING if happened.request else State.DONE
    event.done_on = None if happened.request else day
    event.version += 1
    event.save(update_fields=WRITTEN)
    return happened
