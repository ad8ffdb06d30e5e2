"""The pay-off rule: what becomes of an invoice that a payment falls short of. One pure function over facts.

The page, the operation and every other caller ask it, so what is shown is what is posted (source: the published
pay-off limit rules). A limit is tested on what is left open, never on the original balance.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.collections.payoff_facts import ZERO, Outcome, Part, PayOffFacts
from receivables.collections.payoff_limits import ASKABLE, groups, limit_blockers, typed_blocker
from receivables.collections.rules import assignment_blocker
from receivables.core.errors import Blocker


def pay_off(facts: PayOffFacts) -> Outcome:
    """Decide on one invoice. Nothing is given up beyond a limit unless it is asked for, and then it waits; never more
    is settled than is owed."""
    if blocker := assignment_blocker(facts.assignment):
        too_much = blocker.code == "more_than_owed"
        return Outcome(ZERO, facts.left, blocker, repair=facts.assignment.balance if too_much else None)
    if blocker := typed_blocker(facts):
        return Outcome(ZERO, facts.left, blocker)
    posted: list[Part] = []
    asked: list[Part] = []
    over = ""
    for group in groups(facts.wanted):
        found = list(limit_blockers(facts, group))
        askable = all(each.code in ASKABLE for each in found)
        if found and not (facts.ask and askable):
            return Outcome(ZERO, facts.left, _first(facts, found), leave_open=facts.pay_bill, askable=askable)
        (asked if found else posted).extend(group)
        over = over or (str(found[0].message) if found else "")
    lost = sum((part.amount for part in posted if part.reason.loss), ZERO)
    settled = sum((part.amount for part in posted), ZERO)
    outcome = Outcome(
        lost, facts.left - settled, words=lambda: _notice(facts, outcome), parts=tuple(posted), asked=tuple(asked),
        over=over,
    )  # fmt: skip
    return outcome


def _first(facts: PayOffFacts, found: Sequence[Blocker]) -> Blocker:
    """What is said first: to who asked for approval, what no approval helps against."""
    hard = [each for each in found if each.code not in ASKABLE]
    return hard[0] if facts.ask and hard else found[0]


def pay_off_all(rows: Sequence[PayOffFacts]) -> list[Outcome]:
    """Decide on all invoices of a payment, in their order: what one is given counts against its customer's cap."""
    given: dict[int, Decimal] = {}
    outcomes = []
    for facts in rows:
        before = given.get(facts.customer_id, ZERO)
        outcome = pay_off(replace(facts, given_to_customer=facts.given_to_customer + before) if before else facts)
        given[facts.customer_id] = before + outcome.bad_debt * facts.rate
        outcomes.append(outcome)
    return outcomes


def _notice(facts: PayOffFacts, outcome: Outcome) -> str:
    if facts.parts or outcome.asked:
        return " ".join(_by_part(facts, outcome))
    lost, rest = outcome.bad_debt, outcome.new_balance
    words: dict[str, Any] = {"lost": facts.text(lost), "rest": facts.text(rest)}
    if lost and rest:
        return _("%(lost)s will be recorded as bad debt; %(rest)s stays open on this invoice.") % words
    if lost and facts.limits.limit is None:
        return _("No pay-off limit is set: all of the remaining %(lost)s will be recorded as bad debt.") % words
    if lost:
        return _("%(lost)s will be recorded as bad debt and the invoice paid off.") % words
    if not facts.assignment.applied:
        return ""
    return _("%(rest)s stays open on this invoice.") % words if rest else _("Paid in full.")


def _by_part(facts: PayOffFacts, outcome: Outcome) -> list[str]:
    """A sentence for each part, then what stays open. No concession is called bad debt."""
    said = []
    for part in outcome.parts:
        words = {"amount": facts.text(part.amount), "reason": part.reason.name}
        said.append(_("%(amount)s will be recorded as “%(reason)s”.") % words)
    for part in outcome.asked:
        words = {"amount": facts.text(part.amount), "reason": part.reason.name}
        said.append(_("%(amount)s as “%(reason)s” will wait for approval and stay open until then.") % words)
    rest = outcome.new_balance - outcome.waits
    if rest:
        said.append(_("%(rest)s stays open on this invoice.") % {"rest": facts.text(rest)})
    elif not outcome.asked:
        said.append(_("The invoice is paid off."))
    return said
