"""Working a batch out: what each of its accounts comes to, by the very planning of a single write-off; nothing is
locked or posted. A job whose worker died goes on behind the last account that was kept."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone

from receivables.core.access import lock_rows
from receivables.core.bulk import insert_all
from receivables.core.errors import Blocker
from receivables.core.jobs import Progress
from receivables.core.models import Job
from receivables.core.transactions import run_atomic
from receivables.customers.models import Account
from receivables.writeoffs.bulk.choosing import Selection
from receivables.writeoffs.bulk.models import WriteOffBatch, WriteOffBatchItem
from receivables.writeoffs.drafting import DebtKey, Draft, Wanted, drafted_each

CHUNK = 500  # accounts a transaction: few round trips, and nobody waits long for a lock
ZERO = Decimal(0)
Picks = Mapping[DebtKey, Decimal]


def run_plan(actor: Any, job: Job, progress: Progress) -> dict[str, Any]:
    """The job that works a batch out, account by account in ascending order."""
    batch = WriteOffBatch.objects.of(actor).get(pk=job.parameters["batch"])
    selection = Selection.of(batch.selection)
    chosen = selection.items(actor).filter(currency=batch.currency).order_by("account_id")
    accounts = list(chosen.values_list("account_id", flat=True).distinct())
    done = sum(1 for key in accounts if key <= batch.plan.get("last", 0))
    while done < len(accounts):
        progress(done, len(accounts))
        keys = accounts[done : done + CHUNK]
        run_atomic(lambda keys=keys: _plan(actor, batch.pk, selection, keys))  # type: ignore[misc]
        done += len(keys)
    progress(done, len(accounts))
    result = {"batch": batch.pk}
    run_atomic(lambda: _finish(actor, batch.pk, progress, result))
    return result


def _finish(actor: Any, key: int, progress: Progress, result: dict[str, Any]) -> None:
    batch = lock_rows(WriteOffBatch.objects.of(actor), [key])[0]
    if batch.planned_at is None:
        batch.planned_at = timezone.now()
        batch.save(update_fields=["planned_at"])
    progress.complete(actor, result)


def _plan(actor: Any, key: int, selection: Selection, accounts: Sequence[int]) -> None:
    """Keep what a chunk of accounts comes to, and that they were looked at, in one transaction.

    What was selected never changes and may be long: it is not read again with each chunk.
    """
    rows = WriteOffBatch.objects.of(actor).select_related("organization", "to_type").defer("selection")
    batch = lock_rows(rows, [key])[0]
    left = [account for account in accounts if account > batch.plan.get("last", 0)]
    if not left or batch.planned_at is not None:
        return
    picks = _picks(actor, batch.currency, selection, left)
    found = {row.pk: row for row in Account.objects.of(actor).filter(pk__any=list(picks))}
    wanteds = [wanted_of(batch, found[account], picks[account]) for account in sorted(picks)]
    worked_out = drafted_each(actor, wanteds, found) if wanteds else []
    insert_all(_item(batch, wanted, draft) for wanted, draft in zip(wanteds, worked_out, strict=True))
    batch.plan = {"last": left[-1], "sums": _added(batch.plan.get("sums", {}), worked_out)}
    batch.save(update_fields=["plan"])


def _picks(
    actor: Any, currency: str, selection: Selection, accounts: Sequence[int]
) -> dict[int, dict[DebtKey, Decimal]]:
    """The chosen debts of these accounts, all that is owed of each."""
    rows = selection.items(actor, accounts).filter(currency=currency)
    found: dict[int, dict[DebtKey, Decimal]] = defaultdict(dict)
    for account, agreement, item, balance in rows.values_list("account_id", "agreement_id", "pk", "balance"):
        found[account][agreement, item] = balance
    return found


def wanted_of(batch: WriteOffBatch, account: Account, picks: Picks, seen: str = "") -> Wanted:
    """What a batch asks for of one account, as a person would."""
    return Wanted(
        account, batch.reason, picks=picks, to_type=batch.to_type, posting_date=batch.posting_date, seen=seen
    )  # fmt: skip


def picks_of(item: WriteOffBatchItem) -> Picks:
    """The debts of an item as `Wanted` takes them."""
    return {(agreement, key): Decimal(amount) for agreement, key, amount in item.picks}


def _item(batch: WriteOffBatch, wanted: Wanted, draft: Draft | Blocker) -> WriteOffBatchItem:
    state = WriteOffBatchItem.State
    item = WriteOffBatchItem(
        organization=batch.organization, batch=batch, account=wanted.account, currency=batch.currency,
        debts=len(wanted.picks), picks=[[*key, str(amount)] for key, amount in wanted.picks.items()],
        amount=sum(wanted.picks.values(), ZERO),
    )  # fmt: skip
    if isinstance(draft, Blocker):
        item.state, item.code, item.message = state.SKIPPED, draft.code, str(draft.message)
    else:
        item.money, item.planned, item.digest = draft.used, draft.amount, draft.digest
    return item


def _added(sums: dict[str, str], worked_out: Sequence[Draft | Blocker]) -> dict[str, str]:
    """The sums with those of more drafts: by "account it was booked to:write-off type:account that is debited"."""
    total = defaultdict(Decimal, {key: Decimal(amount) for key, amount in sums.items()})
    for draft in worked_out:
        if not isinstance(draft, Blocker):
            for share in draft.plan.shares:
                route = share.route
                total[f"{share.booked_account_id or 0}:{route.type_id}:{route.debit_account_id}"] += share.amount
    return {key: str(amount) for key, amount in total.items()}
