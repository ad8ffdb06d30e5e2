"""A clock that tests move, debt of agreements that are stopped, and runs worked off without a worker."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from receivables.billing.models import Invoice
from receivables.billing.operations import create_load, generate_invoice
from receivables.core import dates, tasks
from receivables.core.operations import SystemActor
from receivables.customers.models import Account, Agreement, Customer
from receivables.customers.operations import stop_agreement
from receivables.ledger.models import GLAccount, OpenItem
from receivables.ledger.posting import Draft, Line, post
from receivables.writeoffs.automated.models import (
    AutomatedRun,
    ProcessEvent,
    RunResult,
    TemplateEvent,
    WriteDown,
    WriteOffControl,
)
from receivables.writeoffs.automated.operations import (
    ACTIVATOR,
    MONITOR,
    run_write_off_activator,
    run_write_off_monitor,
)
from receivables.writeoffs.automated.undoing import reverse_write_down
from tests.builders import make_account

DAY = date(2026, 11, 22)
# Net 30 days and 30 days of grace: on DAY, debt billed then is looked at for the first time.
BILLED = DAY - timedelta(days=60)


def stop(actor: Any, account: Account) -> None:
    stop_agreement(actor=actor, agreement=account.agreements.get(type__code="FREIGHT"))


class Clock:
    """The organization's today: `set(day)` or `after(days)`."""

    def __init__(self, monkeypatch: Any) -> None:
        self.day = DAY
        monkeypatch.setattr(dates, "timezone", SimpleNamespace(now=self.now))

    def now(self) -> datetime:
        return datetime(self.day.year, self.day.month, self.day.day, 12, tzinfo=ZoneInfo("UTC"))

    def after(self, days: int) -> date:
        self.day = DAY + timedelta(days=days)
        return self.day


def machine(actor: Any) -> SystemActor:
    """Who acts when nobody asked for it."""
    return SystemActor(actor.organization, "Automated write-off", frozenset({MONITOR, ACTIVATOR}))


def owing(actor: Any, name: str, amount: str, billed: date = BILLED, *, stopped: bool = True) -> Account:
    """An account that owes an amount on one agreement, by default a stopped one."""
    account = make_account(actor, name)
    bill(actor, account, amount, billed)
    if stopped:
        stop(actor, account)
    return account


def bill(actor: Any, account: Account, amount: str, billed: date = BILLED) -> Invoice:
    service = account.agreements.filter(type__code="FREIGHT").order_by("pk").first()
    load = create_load(actor=actor, account=account, agreement=service, line_haul=Decimal(amount))
    return generate_invoice(actor=actor, load=load, issue_date=billed)


def in_credit(actor: Any, name: str, credit: str) -> Account:
    """An account whose stopped agreement was taken over with a credit."""
    account = make_account(actor, name)
    agreement = account.agreements.get()
    gl = {each.code: each.pk for each in GLAccount.objects.of(actor)}
    item = OpenItem.objects.create(
        organization=actor.organization, account=account, agreement=agreement, gl_account_id=gl["1200"],
        kind="credit_note", number=account.number, currency=agreement.currency, document_date=BILLED,
        due_date=BILLED,
    )  # fmt: skip
    lines = [
        Line(gl["1200"], -Decimal(credit), item.pk, opens=True, agreement_id=agreement.pk),
        Line(gl["3900"], Decimal(credit)),
    ]
    post(actor, Draft("imported", agreement, BILLED, BILLED, agreement.currency, lines))
    stop_agreement(actor=actor, agreement=agreement)
    return account


def worked_off(run: AutomatedRun) -> AutomatedRun:
    """Run the job of a run here, as a worker would; the run anew."""
    tasks.run_job.func(SimpleNamespace(job=SimpleNamespace(attempts=0)), job_id=run.job_id)
    found = AutomatedRun.objects.select_related("job").get(pk=run.pk)
    assert found.job.state == "done", found.job.message
    return found


def monitored(actor: Any) -> AutomatedRun:
    return worked_off(run_write_off_monitor(actor=machine(actor)))


def activated(actor: Any) -> AutomatedRun:
    return worked_off(run_write_off_activator(actor=machine(actor)))


def found(run: AutomatedRun) -> list[tuple[str, str, str, Decimal]]:
    """What a run found: account, outcome, code, amount."""
    rows = RunResult.objects.filter(run=run).select_related("account").order_by("pk")
    return [(row.account.name, row.outcome, row.code, row.amount) for row in rows]


def events(account: Account) -> list[tuple[str, str, date]]:
    """The events of an account's processes: kind, state, day."""
    rows = ProcessEvent.objects.filter(process__account=account).order_by("process", "due_on", "sequence", "pk")
    return list(rows.values_list("kind", "state", "due_on"))


def control(actor: Any, code: str = "REG", **changes: Any) -> WriteOffControl:
    """The control of a write-off debt class, changed."""
    row = WriteOffControl.objects.of(actor).get(write_off_debt_class__code=code)
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes) or None)
    return row


def state_of(account: Account, code: str = "FREIGHT") -> tuple[Decimal, str]:
    row = Agreement.objects.get(account=account, type__code=code)
    return row.payoff_balance, row.state


def by_email(actor: Any, account: Account, address: str) -> None:
    """From now on letters go by e-mail, and the account's customer has an address."""
    TemplateEvent.objects.of(actor).filter(kind="letter").update(by_email=True)
    Customer.objects.filter(pk=account.customer_id).update(email=address)


def automate_something(actor: Any) -> Account:
    """An account in a write-off process whose first events are done, by the clock of now; and two small debts closed,
    one of them taken back."""
    billed = dates.today(actor.organization) - timedelta(days=61)
    account = owing(actor, "Long Gone", "70", billed)
    by_email(actor, account, "ap@longgone.example")
    owing(actor, "Small Rest", "5", billed)
    owing(actor, "Smaller Rest", "4", billed)
    worked_off(run_write_off_monitor(actor=actor))
    first = WriteDown.objects.of(actor).order_by("pk").first()
    reverse_write_down(actor=actor, write_down=first, reason="They pay after all")
    worked_off(run_write_off_activator(actor=actor))
    return account
