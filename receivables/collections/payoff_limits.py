"""Why a difference may not be settled as it is wanted: what can't be meant, and the limits, each with its sentence."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.collections.payoff_facts import ZERO, Part, PayOffFacts
from receivables.collections.rules import precision_blocker
from receivables.core.errors import Blocker
from receivables.core.money import format_number

HUNDRED = Decimal(100)
# What somebody with more authority may grant. A reason's own limit and an excluded customer nobody passes.
ASKABLE = frozenset({"above_pay_off_limit", "above_percent", "above_customer_cap", "above_authority"})


def typed_blocker(facts: PayOffFacts) -> Blocker | None:
    """What can't be meant, whatever the limits are."""
    typed, applied, named = facts.bad_debt, facts.assignment.applied, facts.named
    if first := _amounts_blocker(facts):
        return first
    if (facts.pay_bill or typed or named) and not applied:
        message = _("Nothing is applied to this invoice; use Write off debt.")
        return Blocker("nothing_applied", message, field="pay_bill")
    if named and named + typed > facts.left:
        message = _("Only %(left)s is left on this invoice; the parts that you named, %(typed)s, are more.")
        words = {"left": facts.text(facts.left), "typed": facts.text(named + typed)}
        return Blocker("parts_beyond_rest", message % words, field="parts")
    if typed > facts.left:
        message = _("Only %(left)s is left on this invoice; the bad debt of %(typed)s is more.")
        words = {"left": facts.text(facts.left), "typed": facts.text(typed)}
        return Blocker("bad_debt_beyond_rest", message % words, field="bad_debt")
    if facts.pay_bill and typed and typed != facts.left - named:
        message = _("“Pay bill?” gives up all of the remaining %(left)s. Clear it, or clear the bad debt you typed.")
        return Blocker("two_wishes", message % {"left": facts.text(facts.left - named)}, field="bad_debt")
    if facts.waiting and facts.wanted:
        message = _("A difference on invoice %(number)s waits for approval; that is decided first.")
        return Blocker("already_asked", message % {"number": facts.assignment.number}, field="pay_bill")
    return None


def _amounts_blocker(facts: PayOffFacts) -> Blocker | None:
    currency = facts.assignment.currency
    if wrong := precision_blocker(facts.bad_debt, currency):
        return Blocker(wrong.code, wrong.message, field="bad_debt")
    if facts.bad_debt < 0:
        return Blocker("negative_bad_debt", _("Bad debt can't be negative."), field="bad_debt")
    for part in facts.parts:
        if wrong := precision_blocker(part.amount, currency):
            return Blocker(wrong.code, wrong.message, field="parts")
        if part.amount <= 0:
            message = _("The part for “%(reason)s” must be above zero.")
            return Blocker("empty_part", message % {"reason": part.reason.name}, field="parts")
    return None


def groups(wanted: Sequence[Part]) -> list[list[Part]]:
    """The parts that are judged together, since one authority covers them: slices do not add up past it."""
    found: dict[str, list[Part]] = {}
    for part in wanted:
        found.setdefault(part.reason.authority_kind, []).append(part)
    return list(found.values())


def limit_blockers(facts: PayOffFacts, group: Sequence[Part]) -> Iterator[Blocker]:
    """Every limit that these parts would pass; equal is allowed."""
    lost = sum((part.amount for part in group if part.reason.loss), ZERO)
    if lost:
        yield from _policy_blockers(facts, lost)
    for part in group:
        yield from _reason_blockers(facts, part)
    amount = sum((part.amount for part in group), ZERO)
    for part in group:
        reason, total = part.reason, part.reason.given + amount
        if reason.authority_kind and not reason.authority.covers(total):
            message = _("You may give up %(limit)s on an invoice alone; this would be %(total)s.")
            limit = reason.authority.for_amount(total).maximum or ZERO
            words = {"limit": facts.text(limit), "total": facts.text(total)}
            yield _refused("above_authority", facts, message % words)


def _policy_blockers(facts: PayOffFacts, lost: Decimal) -> Iterator[Blocker]:
    limits, total = facts.limits, facts.given + lost
    if facts.excluded:
        message = _("Nothing is given up for %(customer)s: this customer is excluded from pay-offs.")
        yield _refused("customer_excluded", facts, message % {"customer": facts.customer})
    if limits.limit is not None and total * facts.rate > limits.limit:
        yield _refused("above_pay_off_limit", facts, _above_limit(facts, lost, limits.limit))
    if limits.percent is not None and total * HUNDRED > facts.total * limits.percent:
        message = _("%(total)s is more than %(percent)s %% of the invoice's total of %(invoice)s.")
        words = {"percent": format_number(limits.percent.normalize(), None, facts.assignment.fmt)}
        words |= {"total": facts.text(total), "invoice": facts.text(facts.total)}
        yield _refused("above_percent", facts, message % words)
    if limits.cap is not None and facts.given_to_customer + lost * facts.rate > limits.cap:
        message = _(
            "%(customer)s may be given %(cap)s in 12 months; with the %(given)s given before, %(lost)s is too much."
        )
        words = {"customer": facts.customer, "cap": facts.own_text(limits.cap), "lost": facts.text(lost)}
        words |= {"given": facts.own_text(facts.given_to_customer)}
        yield _refused("above_customer_cap", facts, message % words)


def _reason_blockers(facts: PayOffFacts, part: Part) -> Iterator[Blocker]:
    reason, total = part.reason, part.reason.taken + part.amount
    if reason.maximum is not None and total * facts.rate > reason.maximum:
        message = _("“%(reason)s” may take off %(limit)s per invoice; this would be %(total)s.")
        words = {"reason": reason.name, "limit": facts.own_text(reason.maximum), "total": facts.text(total)}
        yield _refused("above_reason_limit", facts, message % words)


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
