"""What a billing run would come to: agreement by agreement what is due, or why nothing is billed. It writes nothing."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q

from receivables.billing.recurring.models import AgreementCharge
from receivables.billing.recurring.periods import ChargeFacts, Due, due_periods
from receivables.billing.recurring.rules import not_billable_blocker
from receivables.core.errors import Blocker
from receivables.customers.models import Agreement


@dataclass(frozen=True)
class Planned:
    """An agreement of a run: its charges that are due, each with its periods, or why it is passed over."""

    agreement: Agreement
    due: Sequence[tuple[AgreementCharge, Due]]
    final: bool = False
    blocker: Blocker | None = None

    @property
    def amount(self) -> Decimal:
        """Before taxes that are added on top."""
        return sum((due.amount for _charge, due in self.due), Decimal(0))


@dataclass(frozen=True)
class Plan:
    """What would be billed, and what is passed over with its reason."""

    cut_off: date
    billed: list[Planned] = field(default_factory=list)
    skipped: list[Planned] = field(default_factory=list)

    @property
    def totals(self) -> dict[str, Decimal]:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.billed:
            sums[line.agreement.currency] += line.amount
        return dict(sorted(sums.items()))

    def digest(self) -> str:
        """A name for the outcome: the same as long as the same would be billed."""
        facts = [(line.agreement.pk, str(line.amount.normalize()), line.final) for line in self.billed]
        return hashlib.sha256(repr((self.cut_off, facts)).encode()).hexdigest()[:32]


def facts_of(charge: AgreementCharge, agreement: Agreement) -> ChargeFacts:
    return ChargeFacts(
        charge.amount, charge.currency, charge.every_months, charge.starts_on, charge.ends_on, charge.billed_through,
        agreement.stop_date,
    )  # fmt: skip


def is_final(agreement: Agreement, cut_off: date) -> bool:
    """Whether this is the agreement's last bill: service has stopped, and it was not final billed yet."""
    stopped = agreement.state == Agreement.State.STOPPED and agreement.awaits_final_bill
    return stopped and agreement.stop_date is not None and agreement.stop_date <= cut_off


def planned(agreement: Agreement, charges: Iterable[AgreementCharge], cut_off: date) -> Planned:
    """What is due on one agreement, or why it is passed over."""
    final = is_final(agreement, cut_off)
    due = [
        (charge, period)
        for charge in charges
        for period in due_periods(facts_of(charge, agreement), cut_off, final=final)
    ]
    blocker = not_billable_blocker(eligible=agreement.type.eligible_for_billing, state=agreement.state)
    return Planned(agreement, due, final and blocker is None, blocker)


def charges_of(actor: Any, agreements: Sequence[int]) -> dict[int, list[AgreementCharge]]:
    """The live charges of these agreements, oldest first."""
    found: dict[int, list[AgreementCharge]] = defaultdict(list)
    rows = AgreementCharge.objects.of(actor).filter(agreement__in=agreements, cancelled=False)
    for charge in rows.select_related("type__tax_code").order_by("pk"):
        found[charge.agreement_id].append(charge)
    return found


def plan_run(actor: Any, cut_off: date) -> Plan:
    """Every agreement that has charges or waits for its final bill, and those whose type is never billed although
    something is owed on them: these are named, so that everybody sees that they were passed over."""
    charged = AgreementCharge.objects.of(actor).filter(cancelled=False).values("agreement")
    owing = Q(type__eligible_for_billing=False) & ~Q(payoff_balance=0)
    rows = Agreement.objects.of(actor).filter(Q(pk__in=charged) | Q(awaits_final_bill=True) | owing)
    agreements = list(rows.select_related("type", "account__customer").order_by("account_id", "pk"))
    charges = charges_of(actor, [agreement.pk for agreement in agreements])
    plan = Plan(cut_off)
    for agreement in agreements:
        line = planned(agreement, charges[agreement.pk], cut_off)
        if line.blocker is not None and (line.due or not agreement.type.eligible_for_billing):
            plan.skipped.append(line)
        elif line.blocker is None and (line.due or line.final):
            plan.billed.append(line)
    return plan
