"""Lock first, then read in a second statement: whoever holds the account owns all its documents."""

from typing import Any

from django.db.models import F

from receivables.billing.charges import Priced
from receivables.billing.models import Load
from receivables.billing.queries import LoadState, load_state
from receivables.core.access import lock_rows
from receivables.core.errors import refuse, stale_blocker
from receivables.core.money import NumberFormat
from receivables.customers.models import Account
from receivables.ledger.models import GLAccount
from receivables.ledger.queries import role_accounts


def number_format(actor: Any) -> NumberFormat:
    return NumberFormat.of(actor.organization, actor.user)


def locked_load(actor: Any, load: Load, seen: int | None = None) -> LoadState:
    """Lock the load's account, read the load anew and refuse a form that was shown before somebody's change.

    Joins what every operation needs and no more: planning the join of all that a page shows takes the database longer
    than the rest of an operation's reading. Customer and tax code are read where they are wanted.
    """
    locked = lock_rows(Account.objects.of(actor), [load.account_id])
    current = Load.objects.of(actor).select_related("agreement", "invoice__open_item").get(pk=load.pk)
    current.organization, current.account = actor.organization, locked[0]
    refuse(stale_blocker(current.version, seen))
    accounts = role_accounts(actor.organization_id, GLAccount.Role.REVENUE)
    return load_state(current, accounts[GLAccount.Role.REVENUE])


def touch(state: LoadState, own: Priced, *fields: str) -> None:
    """Save a changed load with what its charges add up to now, as its next version; so are the loads beside it on a
    summary invoice, since a form about any of them shows the whole."""
    load = state.load
    load.charges_total, load.charges_digest = own.total, own.digest
    load.version += 1
    if state.others:
        Load.objects.filter(pk__in=[other.load.pk for other in state.others]).update(version=F("version") + 1)
    load.save(update_fields=["charges_total", "charges_digest", "version", *fields])
