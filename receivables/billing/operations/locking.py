"""Lock first, then read in a second statement: whoever holds the account owns all its documents."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F

from receivables.billing.charges import Priced
from receivables.billing.models import Load
from receivables.billing.queries import LoadState, load_states, revenue_account
from receivables.core.compiled import Arg, Compiled
from receivables.core.errors import refuse, stale_blocker
from receivables.core.money import NumberFormat
from receivables.core.rows import update
from receivables.customers.models import Account
from receivables.ledger.models import Allocation


def number_format(actor: Any) -> NumberFormat:
    return NumberFormat.of(actor.organization, actor.user)


ACCOUNTS = Compiled(
    lambda: (
        Account.objects.filter(organization_id=Arg("organization"), pk__any=Arg("keys"))
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
)
# What every operation needs and no more: planning the join of all that a page shows takes the database longer than the
# rest of an operation's reading.
LOADS = Compiled(
    lambda: Load.objects.filter(organization_id=Arg("organization"), pk__any=Arg("keys")).select_related(
        "agreement", "tax_code", "invoice__open_item"
    )
)


def lock_accounts(actor: Any, keys: Iterable[int]) -> list[Account]:
    """Lock accounts of the organization, in ascending order of key."""
    return ACCOUNTS.fetch(organization=actor.organization_id, keys=list(set(keys)))


def locked_load(actor: Any, load: Load, seen: int | None = None) -> LoadState:
    """Lock the load's account, read the load anew and refuse a form that was shown before somebody's change."""
    accounts = lock_accounts(actor, [load.account_id])
    state = read_loads(actor, [load], accounts)[0]
    refuse(stale_blocker(state.load.version, seen))
    return state


def read_loads(
    actor: Any, loads: Sequence[Load], accounts: Iterable[Account], payments: Sequence[Allocation] | None = None
) -> list[LoadState]:
    """Loads of different documents as they are now, in the order given, under the lock of these accounts. `payments`:
    what stands on their invoices, if it was read before."""
    rows = LOADS.fetch(organization=actor.organization_id, keys=[load.pk for load in loads])
    found = {load.pk: load for load in rows}
    if len(found) != len(loads):
        raise Load.DoesNotExist
    locked = {account.pk: account for account in accounts}
    for load in found.values():
        load.organization, load.account = actor.organization, locked[load.account_id]
    return load_states([found[load.pk] for load in loads], revenue_account(actor), payments)


def touch(state: LoadState, own: Priced, *fields: str) -> None:
    """Save a changed load with what its charges add up to now, as its next version; so are the loads beside it on a
    summary invoice, since a form about any of them shows the whole."""
    load = state.load
    load.charges_total = own.total
    load.version += 1
    if state.others:
        Load.objects.filter(pk__in=[other.load.pk for other in state.others]).update(version=F("version") + 1)
    update([load], ["charges_total", "version", *fields])
