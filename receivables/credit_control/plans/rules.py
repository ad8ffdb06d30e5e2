"""May a plan begin or end, when is an instalment due, and was an arrangement kept? Pure functions over facts."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from receivables.core.dates import months_later
from receivables.core.errors import Blocker
from receivables.core.money import split
from receivables.customers.models import Agreement

State = Agreement.State
ZERO = Decimal(0)
MOST_INSTALMENTS = 120


@dataclass(frozen=True)
class AgreementFacts:
    """An agreement as the rules look at it. `normal`: it holds debt for service and not written-off debt."""

    state: str
    normal: bool = True
    eligible: bool = True
    payoff: Decimal = ZERO
    current: Decimal = ZERO
    covered: Decimal = ZERO
    has_plan: bool = False


def _plan_blocker(facts: AgreementFacts) -> Blocker | None:
    if facts.has_plan:
        return Blocker("has_plan", _("This agreement has a budget or an arrangement already. Cancel it first."))
    return None


def sync_current_blocker(facts: AgreementFacts) -> Blocker | None:
    """What is asked for becomes what is owed, where the two differ and no plan says that they should."""
    if facts.payoff == facts.current:
        return Blocker("in_step", _("What is asked for is what is owed already."))
    return _plan_blocker(facts)


def start_budget_blocker(
    facts: AgreementFacts, *, amount: Decimal = Decimal(1), first_due: date | None = None, today: date | None = None
) -> Blocker | None:
    """Service that runs and is billed may be asked for in equal amounts."""
    if not facts.normal or not facts.eligible or facts.state != State.ACTIVE:
        return Blocker("not_in_service", _("Only an agreement in service can have a budget."))
    if amount <= 0:
        return Blocker("zero_amount", _("Enter an amount above zero."), field="amount")
    if first_due is not None and today is not None and first_due < today:
        return Blocker("past", _("Choose today or a later day."), field="first_due")
    return _plan_blocker(facts)


def start_arrangement_blocker(
    facts: AgreementFacts, *, instalments: int = 1, first_due: date | None = None, today: date | None = None
) -> Blocker | None:
    """Debt that is there may be paid off in instalments; what was written off is not put into an arrangement."""
    if not facts.normal:
        return Blocker("write_off", _("Only debt for service can be put into an arrangement."))
    if facts.covered <= 0:
        return Blocker("nothing_owed", _("Nothing is open on this agreement."))
    if not 1 <= instalments <= MOST_INSTALMENTS:
        message = _("Enter a number of instalments from 1 to %(most)s.") % {"most": MOST_INSTALMENTS}
        return Blocker("instalments", message, field="instalments")
    if first_due is not None and today is not None and first_due < today:
        return Blocker("past", _("Choose today or a later day."), field="first_due")
    return _plan_blocker(facts)


def cancel_plan_blocker(*, ended: bool) -> Blocker | None:
    """A plan ends once."""
    return Blocker("ended", _("This budget or arrangement has ended already.")) if ended else None


@dataclass(frozen=True)
class Instalment:
    """One amount that a plan asks for, and on which day."""

    due: date
    amount: Decimal


def schedule(
    *, first_due: date, every_months: int, total: Decimal | None, amount: Decimal | None, count: int, currency: str
) -> list[Instalment]:
    """The first `count` amounts of a plan: a budget's own amount, or the parts of an arrangement's total, which add up
    to it exactly."""
    parts = split(total, [Decimal(1)] * count, currency) if total is not None else [amount or ZERO] * count
    return [Instalment(months_later(first_due, number * every_months), part) for number, part in enumerate(parts)]


def due_count(*, first_due: date, every_months: int, today: date, most: int | None) -> int:
    """How many amounts are due by today."""
    count = 0
    while (most is None or count < most) and months_later(first_due, count * every_months) <= today:
        count += 1
    return count


def missed(instalments: list[Instalment], *, total: Decimal, owed: Decimal, grace_days: int, today: date) -> bool:
    """Whether an arrangement is broken: more of its debt is open than the instalments that are due, and past their
    days of grace, leave."""
    late = today - timedelta(days=grace_days)
    asked = sum((each.amount for each in instalments if each.due < late), ZERO)
    return owed > total - asked
