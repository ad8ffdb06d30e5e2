"""The pay-off rule: what becomes of an invoice that a payment falls short of. One pure function over facts.

The page, the operation and every other caller ask it, so what is shown is what is posted (source: the published
pay-off limit rules). A limit is tested on what is left open, never on the original balance.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from receivables.approvals.rules import Authority
from receivables.collections.rules import AssignmentFacts, assignment_blocker, precision_blocker
from receivables.core.errors import Blocker
from receivables.core.money import NBSP, decimals, format_money, format_number

ZERO, HUNDRED = Decimal(0), Decimal(100)


@dataclass(frozen=True)
class Limits:
    """How much may be given up, in the organization's `currency`; None: no maximum. All that are set must allow.

    `percent` is of the invoice's total, `cap` what a customer may be given in 12 months, `reason_limit` what the
    reason `reason` may take off one invoice.
    """

    currency: str
    limit: Decimal | None = None
    percent: Decimal | None = None
    cap: Decimal | None = None
    reason: str = ""
    reason_limit: Decimal | None = None


@dataclass(frozen=True)
class PayOffFacts:
    """One invoice of a payment. Amounts are in its currency, `given_to_customer` in the organization's.

    `bad_debt` is what a person typed, `given` the live bad debt on this invoice, `rate` what one unit is worth in the
    organization's currency on the payment's date. `field` is the suffix of the fields of its row in a form.
    """

    assignment: AssignmentFacts
    limits: Limits
    pay_bill: bool = False
    bad_debt: Decimal = ZERO
    given: Decimal = ZERO
    given_to_customer: Decimal = ZERO
    total: Decimal = ZERO
    rate: Decimal = Decimal(1)
    excluded: bool = False
    customer: str = ""
    customer_id: int = 0
    authority: Authority = field(default_factory=lambda: Authority(ZERO, None))

    @property
    def left(self) -> Decimal:
        """What the money leaves open."""
        return self.assignment.balance - self.assignment.applied

    def text(self, amount: Decimal) -> str:
        return self.assignment.text(amount)

    def own_text(self, amount: Decimal) -> str:
        """An amount in the organization's currency, with all the decimals that it was compared with."""
        currency, fmt = self.limits.currency, self.assignment.fmt
        if amount == round(amount, decimals(currency)):
            return format_money(amount, currency, fmt, with_code=True)
        return f"{format_number(amount.normalize(), None, fmt)}{NBSP}{currency}"

    @property
    def digest(self) -> str:
        """Fingerprints of what decides besides what is typed: the invoice, then the limits."""
        limits = (self.limits.limit, self.limits.percent, self.limits.cap, self.limits.reason_limit)
        invoice = _fingerprint((self.assignment.balance, self.given), self.assignment.voided)
        return f"{invoice}.{_fingerprint(limits, self.excluded)}"

    def moved(self, seen: str) -> str:
        """What is not any more as it was shown: "invoice", "limits", or "". `seen` empty: nothing was shown."""
        if not seen or seen == self.digest:
            return ""
        return "limits" if seen.partition(".")[0] == self.digest.partition(".")[0] else "invoice"

    @property
    def foreign(self) -> bool:
        return self.assignment.currency != self.limits.currency


def _fingerprint(amounts: Sequence[Decimal | None], flag: bool) -> str:
    facts = [None if each is None else str(each.normalize()) for each in amounts]
    return hashlib.sha256(repr((facts, flag)).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Outcome:
    """What Save does with an invoice: `bad_debt` is given up, `new_balance` stays open, or `blocker` says why not.

    `notice` is the sentence for what happens. `repair` is the amount to apply instead, `leave_open` whether giving up
    Pay bill? would do.
    """

    bad_debt: Decimal
    new_balance: Decimal
    blocker: Blocker | None = None
    notice: str = ""
    repair: Decimal | None = None
    leave_open: bool = False


def pay_off(facts: PayOffFacts) -> Outcome:
    """Decide on one invoice. Nothing is given up beyond a limit, and never more settled than is owed."""
    if blocker := assignment_blocker(facts.assignment):
        over = blocker.code == "more_than_owed"
        return Outcome(ZERO, facts.left, blocker, repair=facts.assignment.balance if over else None)
    if blocker := _typed_blocker(facts):
        return Outcome(ZERO, facts.left, blocker)
    lost = facts.left if facts.pay_bill else facts.bad_debt
    if lost and (blocker := _limit_blocker(facts, lost)):
        return Outcome(ZERO, facts.left, blocker, leave_open=facts.pay_bill)
    return Outcome(lost, facts.left - lost, notice=_notice(facts, lost))


def pay_off_all(rows: Sequence[PayOffFacts]) -> list[Outcome]:
    """Decide on all invoices of a payment, in their order: what one is given counts against its customer's cap."""
    given: dict[int, Decimal] = {}
    outcomes = []
    for facts in rows:
        before = given.get(facts.customer_id, ZERO)
        outcome = pay_off(replace(facts, given_to_customer=facts.given_to_customer + before))
        given[facts.customer_id] = before + outcome.bad_debt * facts.rate
        outcomes.append(outcome)
    return outcomes


def stale_row_blocker(facts: PayOffFacts, seen: str, by: str = "") -> Blocker | None:
    """What was shown is what is saved: not if the invoice or a limit has moved since, and who did that (`by`)."""
    moved = facts.moved(seen)
    if not moved:
        return None
    if moved == "limits":
        message = _("The pay-off limit was changed while you were working. Check the marked rows and save again.")
    elif by:
        message = _(
            "%(person)s changed invoice %(number)s while you were working. We refreshed the amounts; check the marked"
            " rows and save again."
        )
    else:
        message = _(
            "Invoice %(number)s changed while you were working. We refreshed the amounts; check the marked rows and"
            " save again."
        )
    return Blocker("stale", message % {"number": facts.assignment.number, "person": by})


def _typed_blocker(facts: PayOffFacts) -> Blocker | None:
    """What can't be meant, whatever the limits are."""
    typed, applied = facts.bad_debt, facts.assignment.applied
    if wrong := precision_blocker(typed, facts.assignment.currency):
        return Blocker(wrong.code, wrong.message, field="bad_debt")
    if typed < 0:
        return Blocker("negative_bad_debt", _("Bad debt can't be negative."), field="bad_debt")
    if (facts.pay_bill or typed) and not applied:
        message = _("Nothing is applied to this invoice; use Write off debt.")
        return Blocker("nothing_applied", message, field="pay_bill")
    if typed > facts.left:
        message = _("Only %(left)s is left on this invoice; the bad debt of %(typed)s is more.")
        words = {"left": facts.text(facts.left), "typed": facts.text(typed)}
        return Blocker("bad_debt_beyond_rest", message % words, field="bad_debt")
    if facts.pay_bill and typed and typed != facts.left:
        message = _("“Pay bill?” gives up all of the remaining %(left)s. Clear it, or clear the bad debt you typed.")
        return Blocker("two_wishes", message % {"left": facts.text(facts.left)}, field="bad_debt")
    return None


def _limit_blocker(facts: PayOffFacts, lost: Decimal) -> Blocker | None:
    """The first limit that what is given up on this invoice in all would pass; equal is allowed."""
    limits, total = facts.limits, facts.given + lost
    if facts.excluded:
        message = _("Nothing is given up for %(customer)s: this customer is excluded from pay-offs.")
        return _refused("customer_excluded", facts, message % {"customer": facts.customer})
    if limits.limit is not None and total * facts.rate > limits.limit:
        return _refused("above_pay_off_limit", facts, _above_limit(facts, lost, limits.limit))
    if limits.percent is not None and total * HUNDRED > facts.total * limits.percent:
        message = _("%(total)s is more than %(percent)s %% of the invoice's total of %(invoice)s.")
        words = {"percent": format_number(limits.percent.normalize(), None, facts.assignment.fmt)}
        words |= {"total": facts.text(total), "invoice": facts.text(facts.total)}
        return _refused("above_percent", facts, message % words)
    if limits.cap is not None and facts.given_to_customer + lost * facts.rate > limits.cap:
        message = _(
            "%(customer)s may be given %(cap)s in 12 months; with the %(given)s given before, %(lost)s is too much."
        )
        words = {"customer": facts.customer, "cap": facts.own_text(limits.cap), "lost": facts.text(lost)}
        return _refused(
            "above_customer_cap", facts, message % {**words, "given": facts.own_text(facts.given_to_customer)}
        )
    if limits.reason_limit is not None and total * facts.rate > limits.reason_limit:
        message = _("“%(reason)s” may take off %(limit)s per invoice; this would be %(total)s.")
        words = {"reason": limits.reason, "limit": facts.own_text(limits.reason_limit), "total": facts.text(total)}
        return _refused("above_reason_limit", facts, message % words)
    if not facts.authority.covers(total):
        message = _(
            "You may give up %(limit)s on an invoice alone; this would be %(total)s. Leave it open here and issue a"
            " credit note for it, which asks for approval."
        )
        limit = facts.authority.for_amount(total).maximum or ZERO
        return _refused("above_authority", facts, message % {"limit": facts.text(limit), "total": facts.text(total)})
    return None


def _refused(code: str, facts: PayOffFacts, message: str) -> Blocker:
    return Blocker(code, message, field="pay_bill" if facts.pay_bill else "bad_debt")


def _above_limit(facts: PayOffFacts, lost: Decimal, limit: Decimal) -> str:
    """Case 1 of the published rules, in one sentence; in another currency with both amounts."""
    words = {
        "left": facts.text(lost),
        "limit": facts.own_text(limit),
        "given": facts.text(facts.given),
        "own": facts.own_text((facts.given + lost) * facts.rate),
    }
    return _limit_sentence(facts) % words


def _limit_sentence(facts: PayOffFacts) -> str:
    if not facts.limits.limit and facts.pay_bill:
        return _(
            "This invoice can't be paid off: the pending balance of %(left)s stays open, since by the pay off limit"
            " nothing may be given up."
        )
    if not facts.limits.limit:
        return _("This bad debt of %(left)s can't be recorded: by the pay off limit nothing may be given up.")
    if facts.pay_bill and facts.given:
        return _(
            "This invoice can't be paid off: the pending balance of %(left)s and the %(given)s given up before"
            " exceed the pay off limit of %(limit)s."
        )
    if facts.pay_bill and facts.foreign:
        return _(
            "This invoice can't be paid off: the pending balance of %(left)s (%(own)s) exceeds the pay off limit of"
            " %(limit)s."
        )
    if facts.pay_bill:
        return _(
            "This invoice can't be paid off: the pending balance of %(left)s exceeds the pay off limit of %(limit)s."
        )
    if facts.given:
        return _(
            "This bad debt can't be recorded: %(left)s and the %(given)s given up before exceed the pay off limit of"
            " %(limit)s."
        )
    if facts.foreign:
        return _("This bad debt can't be recorded: %(left)s (%(own)s) exceeds the pay off limit of %(limit)s.")
    return _("This bad debt can't be recorded: %(left)s exceeds the pay off limit of %(limit)s.")


def _notice(facts: PayOffFacts, lost: Decimal) -> str:
    rest = facts.left - lost
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
