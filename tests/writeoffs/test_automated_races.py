"""A payment that arrives while the activator writes off: whoever comes second sees what the first has done."""

from datetime import timedelta

from receivables.core import dates
from receivables.core.errors import Refused
from receivables.ledger.models import OpenItem
from receivables.writeoffs.automated.activating import _one
from receivables.writeoffs.automated.models import AutomatedRun, ProcessEvent, WriteOffProcess
from receivables.writeoffs.automated.operations import add_process_event
from receivables.writeoffs.models import WriteOff
from tests.builders import balances, make_member, make_organization, pay
from tests.support.invariants import broken
from tests.support.races import race
from tests.writeoffs.automation import machine, monitored, owing


def test_an_event_happens_once_and_never_over_a_payment(committed_db):
    alice = make_member(make_organization())
    account = owing(alice, "Gone", "100", dates.today(alice.organization) - timedelta(days=61))
    monitored(alice)
    process = WriteOffProcess.objects.get()
    event = add_process_event(actor=alice, process=process, kind="write_off", sequence=1)
    run = AutomatedRun.objects.create(
        organization=alice.organization, work="activator", day=dates.today(alice.organization)
    )
    invoice, worker = account.invoices.get(), machine(alice)
    outcomes = race(
        lambda: _one(worker, run, event.pk), lambda: _one(worker, run, event.pk), lambda: pay(alice, invoice, "100")
    )
    written = WriteOff.objects.count()
    paid = not isinstance(outcomes[2], Refused)
    assert (written, paid) in ((1, False), (0, True)), outcomes
    assert OpenItem.objects.get(pk=invoice.open_item_id).balance == 0
    assert ProcessEvent.objects.get(pk=event.pk).state == ("done" if written else "cancelled")
    assert WriteOffProcess.objects.get().state == "inactive"
    assert balances(alice).get("6150", 0) == 100 * written
    assert broken() == {}
