"""What the automated write-off knows of an account: its processes, referrals, to-dos and credit rating."""

from typing import Any

from receivables.core.dates import today
from receivables.core.registry import Panel, panels
from receivables.customers.models import Account
from receivables.writeoffs.automated.kinds import EventKind
from receivables.writeoffs.automated.models import ProcessEvent, Referral, WriteOffProcess
from receivables.writeoffs.automated.reading import ratings, until
from receivables.writeoffs.automated.tables import process_status

SHOWN = 20


def of_account(account: Account, actor: Any) -> dict[str, Any]:
    """Nothing is shown where nothing has happened."""
    processes = WriteOffProcess.objects.of(actor).filter(account=account).select_related("template")
    to_dos = ProcessEvent.objects.of(actor).filter(
        process__account=account, kind=EventKind.TO_DO, state=ProcessEvent.State.DONE, handled_on__isnull=True
    )
    referrals = Referral.objects.of(actor).filter(process__account=account).select_related("agency", "process")
    lowered = ratings(actor, account, today(actor.organization))
    return {
        "processes": [(each, process_status(each)) for each in processes.order_by("-pk")[:SHOWN]],
        "referrals": referrals.order_by("-pk")[:SHOWN],
        "to_dos": to_dos.order_by("pk")[:SHOWN],
        "ratings": [(each, until(each)) for each in lowered],
        "points": sum(each.points or 0 for each in lowered),
    }


def register() -> None:
    """Called once, when the application is ready."""
    panels.register(
        Panel("write_off_processes", "customers.account", "main", "automated/account_panel.html", of_account)
    )
