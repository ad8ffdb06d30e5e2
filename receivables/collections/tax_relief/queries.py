"""The worksheet of tax relief: which bad debt is eligible as of a day, and the tax inside it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from receivables.billing.credit_notes.models import Reason
from receivables.collections.models import TaxRelief
from receivables.collections.recoveries.debits import Debit, remaining_debits
from receivables.collections.recoveries.losses import Loss, live_recoveries, losses_of, lost_settlements
from receivables.collections.tax_relief.inside import Taxes, taxes_inside
from receivables.core.money import split
from receivables.ledger.models import Allocation

ZERO = Decimal(0)
MOST = 500  # bad debts of one worksheet; what is claimed leaves room for others
LATER = Reason.TaxRule.RELIEF_LATER


@dataclass(frozen=True)
class Eligible:
    """Bad debt whose tax may be claimed back: `base` is what of it is not recovered, `taxes` the tax inside by
    account, in the invoice's currency."""

    loss: Loss
    reason: Reason
    since: date
    base: Decimal
    taxes: Taxes

    @property
    def key(self) -> int:
        return self.loss.allocation.pk if self.loss.allocation else 0

    @property
    def tax(self) -> Decimal:
        return sum(self.taxes.values(), ZERO)

    @property
    def currency(self) -> str:
        return str(self.loss.invoice.currency)

    @property
    def customer(self) -> str:
        return str(self.loss.invoice.account.customer.name)


def live_reliefs() -> Any:
    return TaxRelief.objects.filter(reversal__isnull=True)


def with_later_recovery(reliefs: Any) -> Any:
    """Reliefs with `recovered_since`: the number of the newest recovery since, which repaid a part of the tax."""
    later = live_recoveries().filter(allocation=OuterRef("allocation"), created_at__gt=OuterRef("claim__created_at"))
    return reliefs.annotate(recovered_since=Subquery(later.order_by("-pk").values("number")[:1]))


def relieved_later(actor: Any) -> bool:
    """Whether any reason of the organization has its tax claimed later: else there is no worksheet to look at."""
    return bool(Reason.objects.of(actor).filter(tax_rule=LATER).exists())


def eligible_since(reason: Reason, *, due: date, given: date) -> date:
    """The first day on which tax may be claimed: days after the debt was given up, or after the invoice was due, as
    the reason says."""
    start = due if reason.relief_from == Reason.ReliefFrom.DUE else given
    return start + timedelta(days=reason.relief_days or 0)


def unclaimed(actor: Any) -> Any:
    """Bad debt of reasons whose tax is claimed later, without a claim that stands; oldest first."""
    later = Q(credit_note_lines__credit_note__reason__tax_rule=LATER) | Q(pay_off__reason__tax_rule=LATER)
    claimed = live_reliefs().filter(allocation=OuterRef("pk"))
    taxed = Allocation.objects.filter(pk=OuterRef("pk"), credit_note_lines__tax__gt=0)
    found = lost_settlements().filter(later, ~Exists(claimed), ~Exists(taxed), organization=actor.organization)
    return found.distinct().order_by("pk")


def worksheet(actor: Any, as_of: date, only: Iterable[int] | None = None) -> list[Eligible]:
    """What is eligible as of a day, oldest first, at most `MOST`; `only` these settlements."""
    rows = unclaimed(actor).filter(date__lte=as_of)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    found = list(rows.values_list("pk", "debit_item__invoice")[: 4 * MOST])
    reasons = _reasons([pk for pk, _invoice in found])
    due = list(_due(losses_of({invoice for _pk, invoice in found}), reasons, as_of))
    losses = [loss for loss, _settlement, _since in due]
    taxes = taxes_inside(list({loss.invoice.pk: loss.invoice for loss in losses}.values()))
    remaining = remaining_debits(losses, actor.organization.currency) if losses else {}
    all_of_it = (_eligible(loss, reasons[pk], since, taxes.get(pk, {}), remaining[loss.key]) for loss, pk, since in due)
    return list(islice((each for each in all_of_it if each.tax > 0), MOST))


def _due(losses: Iterable[Loss], reasons: Mapping[int, Reason], as_of: date) -> Iterator[tuple[Loss, int, date]]:
    """The losses by these settlements that are not recovered and old enough, with the settlement and since when."""
    for loss in losses:
        row = loss.allocation
        if row is None or row.pk not in reasons or loss.left <= 0:
            continue
        since = eligible_since(reasons[row.pk], due=loss.invoice.due_date, given=row.date)
        if since <= as_of:
            yield loss, row.pk, since


def _reasons(keys: list[int]) -> Mapping[int, Reason]:
    rows = Allocation.objects.filter(pk__in=keys).prefetch_related("credit_note_lines__credit_note__reason")
    found: dict[int, Reason] = {}
    for row in rows.select_related("pay_off__reason"):
        lines = list(row.credit_note_lines.all())
        found[row.pk] = lines[0].credit_note.reason if lines else row.pay_off.reason
    return found


def _eligible(loss: Loss, reason: Reason, since: date, inside: Taxes, remaining: Iterable[Debit]) -> Eligible:
    """In proportion to what is not recovered; nothing where tax was taken back in another way."""
    if any(each.gl_account_id in inside for each in remaining):
        return Eligible(loss, reason, since, loss.left, {})
    taxes, whole = list(inside.items()), sum(inside.values(), ZERO)
    parts = split(loss.left, [loss.amount - whole, *(amount for _account, amount in taxes)], loss.invoice.currency)
    scaled = {account: part for (account, _amount), part in zip(taxes, parts[1:], strict=True) if part}
    return Eligible(loss, reason, since, loss.left, scaled)
