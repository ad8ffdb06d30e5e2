"""What the monitor and the activator look at, read for many accounts in a few queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from receivables.billing.filters import invoice_status
from receivables.billing.models import Invoice
from receivables.core.dates import months_later
from receivables.customers.holds import on_plan, under_stay
from receivables.customers.models import Account, Agreement, AgreementType
from receivables.ledger.models import OpenItem
from receivables.writeoffs.automated.models import ProcessAgreement, ProcessEvent, WriteOffControl, WriteOffProcess
from receivables.writeoffs.automated.rules import Facts, Small, resting

State, Role = Agreement.State, AgreementType.SpecialRole
OVER = (State.STOPPED, State.REACTIVATED)
ControlKey = tuple[int, int, str]  # collection class, write-off debt class, currency

IN_PROCESS = Exists(ProcessAgreement.objects.filter(agreement=OuterRef("pk"), active=True))
WRITTEN_OFF = OpenItem.objects.filter(agreement=OuterRef("pk"), kind=OpenItem.Kind.WRITE_OFF)
RECOVERED, FRESH = Exists(WRITTEN_OFF.filter(paid__gt=0)), Exists(WRITTEN_OFF.filter(balance__gt=0, paid=0))
# The final bill is the last one; what was taken over without one is as due as its item.
FINAL = Max("open_items__due_date", filter=Q(open_items__voided=False))


def controls_of(actor: Any) -> dict[ControlKey, WriteOffControl]:
    """The active controls of the organization, with their criteria."""
    rows = WriteOffControl.objects.of(actor).filter(active=True).select_related("difference_account", "responsible")
    return {
        (row.collection_class_id, row.write_off_debt_class_id, row.currency): row
        for row in rows.prefetch_related("criteria__template")
    }


def small_of(control: WriteOffControl) -> Small:
    return Small(control.write_down_below, control.write_up_below, control.inactive_threshold)


def control_of(
    controls: dict[ControlKey, WriteOffControl], account: Account, agreement: Agreement
) -> WriteOffControl | None:
    """The control for an agreement; it comes with its type."""
    return controls.get((account.collection_class_id, agreement.type.write_off_debt_class_id, agreement.currency))


def ended(actor: Any) -> QuerySet[Agreement]:
    """Agreements whose service has ended, that owe something or are in credit, and are in no process."""
    rows = Agreement.objects.of(actor).filter(state__in=OVER, awaits_final_bill=False)
    rows = rows.exclude(type__special_role=Role.WRITE_OFF)
    return rows.exclude(IN_PROCESS)


def residues(actor: Any, controls: dict[ControlKey, WriteOffControl]) -> QuerySet[Agreement]:
    """Write-off agreements of which something was recovered and little is left: a fresh write-off is no residue, also
    where an older one on the same agreement was recovered."""
    most = max((control.write_down_below for control in controls.values()), default=Decimal(0))
    rows = Agreement.objects.of(actor).filter(type__special_role=Role.WRITE_OFF, payoff_balance__gt=0)
    return rows.filter(RECOVERED, ~FRESH, payoff_balance__lt=most).exclude(state__in=[State.CLOSED, State.CANCELLED])


def accounts_to_review(actor: Any, controls: dict[ControlKey, WriteOffControl], today: date) -> list[int]:
    """The accounts that the monitor looks at, in ascending order."""
    due = ended(actor).annotate(final=FINAL).filter(Q(final__lte=today) | Q(final__isnull=True))
    keys = set(due.order_by().values_list("account_id", flat=True))
    keys |= set(residues(actor, controls).values_list("account_id", flat=True))
    if any(control.refund_credit for control in controls.values()):
        keys |= set(with_money(actor).values_list("pk", flat=True))
    return sorted(keys)


def with_money(actor: Any) -> QuerySet[Account]:
    """Accounts whose service has ended, with its final bill, that owe nothing and have money with us."""
    money = OpenItem.objects.filter(account=OuterRef("pk"), kind=OpenItem.Kind.PAYMENT, balance__lt=0)
    others = Agreement.objects.filter(account=OuterRef("pk"))
    running = Q(state__in=[State.PENDING_START, State.ACTIVE, State.PENDING_STOP])
    served = others.filter(running | Q(state=State.STOPPED, awaits_final_bill=True), type__special_role=Role.NONE)
    return Account.objects.of(actor).filter(
        Exists(money), ~Exists(served), ~Exists(others.filter(payoff_balance__gt=0))
    )


@dataclass(frozen=True)
class Reviewed:
    """An agreement with the control that applies to it and what the rule looks at."""

    agreement: Agreement
    control: WriteOffControl | None
    facts: Facts


def reviewed(
    actor: Any, account: Account, controls: dict[ControlKey, WriteOffControl]
) -> list[Reviewed]:  # fmt: skip
    """The agreements of an account whose service has ended, with the facts of now."""
    rows = ended(actor).filter(account=account).annotate(final=FINAL).select_related("type__write_off_debt_class")
    agreements = list(rows.order_by("pk"))
    keys = [each.pk for each in agreements]
    held, planned, bankrupt = disputed(actor, keys), on_plan(actor, keys), bool(under_stay(actor, [account.pk]))
    found = []
    for agreement in agreements:
        control = control_of(controls, account, agreement)
        facts = Facts(
            agreement.final or agreement.stop_date or agreement.start_date, control.grace_days if control else None,
            account.postpone_until, agreement.pk in held, agreement.pk in planned, bankrupt,
        )  # fmt: skip
        found.append(Reviewed(agreement, control, facts))
    return found


def rests(actor: Any, process: WriteOffProcess, today: date) -> str:
    """Why nothing happens in a process today, as a key of REASONS; "" if something may. It comes with its account."""
    keys = [each.pk for each in linked(process)]
    return resting(
        today, postponed_until=process.account.postpone_until, disputed=bool(disputed(actor, keys)),
        on_plan=bool(on_plan(actor, keys)), bankrupt=bool(under_stay(actor, [process.account_id])),
    )  # fmt: skip


def disputed(actor: Any, agreements: Collection[int]) -> set[int]:
    """Those agreements of which an open invoice is disputed, as far as a package above billing knows of disputes."""
    which = invoice_status("disputed")
    if which is None or not agreements:
        return set()
    return set(Invoice.objects.of(actor).filter(which, agreement__in=agreements).values_list("agreement_id", flat=True))


def has_deposit(actor: Any, account: Account) -> bool:
    """Whether we hold a deposit of an account."""
    rows = Agreement.objects.of(actor).filter(account=account, type__special_role=Role.DEPOSIT, payoff_balance__lt=0)
    return rows.exists()


def linked(process: WriteOffProcess) -> list[Agreement]:
    """The agreements that are still in a process, as they are now."""
    keys = process.agreements.filter(active=True).values_list("agreement_id", flat=True)
    rows = Agreement.objects.filter(pk__in=list(keys)).select_related("type__write_off_debt_class")
    return list(rows.order_by("pk"))


def owed(agreements: Iterable[Agreement]) -> Decimal:
    return sum((max(each.payoff_balance, Decimal(0)) for each in agreements), Decimal(0))


def due_events(actor: Any, today: date) -> list[tuple[int, int]]:
    """Process and key of the events that are due, in the order in which they happen."""
    rows = ProcessEvent.objects.of(actor).filter(
        state=ProcessEvent.State.PENDING, due_on__lte=today, process__state=WriteOffProcess.State.ACTIVE
    )
    return list(rows.order_by("due_on", "process_id", "sequence", "pk").values_list("process_id", "pk"))


def ratings(actor: Any, account: Account, today: date) -> list[ProcessEvent]:
    """What lowers an account's credit rating today."""
    rows = ProcessEvent.objects.of(actor).filter(
        process__account=account, kind="credit_rating", state=ProcessEvent.State.DONE, done_on__isnull=False
    )
    return [row for row in rows.order_by("-pk") if until(row) > today]


def until(event: ProcessEvent) -> date:
    """When a lowered credit rating rises again."""
    return months_later(event.done_on or event.due_on, event.months or 0)
