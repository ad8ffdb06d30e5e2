"""Writing transfers to the books: on the source Dr transfer / Cr what the debt stands on, on the target Dr what it
stands on there / Cr transfer. The transfer account nets to zero."""

from typing import Any

from receivables.core.sequences import take_numbers
from receivables.ledger.models import Allocation, GLAccount, JournalEntry, OpenItem
from receivables.ledger.posting import Draft as Entry
from receivables.ledger.posting import Line, post, take_back
from receivables.ledger.queries import role_accounts
from receivables.writeoffs.transfers.drafting import Draft, Part
from receivables.writeoffs.transfers.models import DebtTransfer, DebtTransferReversal, MovedDebt, MovedOrigin


def post_transfer(actor: Any, draft: Draft) -> DebtTransfer:
    """Post a transfer: number, open items, entry, settlements, origins. Everything is locked by the caller."""
    sequence_number, number = take_numbers(actor.organization_id, {"debt_transfer": 1})["debt_transfer"][0]
    made = DebtTransfer.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, source=draft.source,
        target=draft.target, reason=draft.move.reason.strip(), currency=draft.source.currency, amount=draft.amount,
        organization_amount=draft.own_amount, item_count=len(draft.parts), date=draft.date,
        posting_date=draft.posting_date, created_by=actor.user,
    )  # fmt: skip
    items = _items(actor, draft)
    transfer = role_accounts(actor.organization_id, GLAccount.Role.TRANSFER)[GLAccount.Role.TRANSFER]
    lines = [line for part, item in zip(draft.parts, items, strict=True) for line in _pair(draft, part, item, transfer)]
    entry = post(
        actor, Entry("transfer_debt", made, draft.date, draft.posting_date, made.currency, lines, memo=number)
    )[0]
    Allocation.objects.bulk_create(
        Allocation(
            organization=actor.organization, kind=Allocation.Kind.MOVED, debit_item_id=part.debt.item_id, entry=entry,
            currency=made.currency, amount=part.amount, date=draft.posting_date,
        )
        for part in draft.parts
        if part.debt.item_id is not None
    )  # fmt: skip
    _documents(actor, draft, made, items)
    return made


def _items(actor: Any, draft: Draft) -> list[OpenItem]:
    """An open item on the target for each debt, with its number and days, so that it is as old there. What was never
    written off stands on the target's own account then, what was keeps the account that its recovery credits."""
    first = OpenItem.objects.of(actor).in_bulk([part.debt.item_id for part in draft.parts if part.debt.item_id])
    return OpenItem.objects.bulk_create(
        OpenItem(
            organization=actor.organization, account_id=draft.target.account_id, agreement=draft.target,
            gl_account_id=part.debt.standing_on if part.debt.written_off else draft.target.type.gl_account_id,
            kind=OpenItem.Kind.WRITE_OFF if part.debt.written_off else OpenItem.Kind.TRANSFER,
            origin_id=(first[part.debt.item_id].origin_id or part.debt.item_id) if part.debt.item_id else None,
            number=part.debt.number, currency=part.debt.currency, due_date=part.debt.due_date,
            document_date=first[part.debt.item_id].document_date if part.debt.item_id else draft.date,
        )
        for part in draft.parts
    )  # fmt: skip


def _pair(draft: Draft, part: Part, item: OpenItem, transfer: int) -> list[Line]:
    source, target, amount, own = draft.source.pk, draft.target.pk, part.amount, part.own
    return [
        Line(transfer, amount, for_agreement_id=source, organization_amount=own),
        Line(
            part.debt.standing_on, -amount, open_item_id=part.debt.item_id, agreement_id=source,
            organization_amount=-own,
        ),
        Line(
            item.gl_account_id, amount, open_item_id=item.pk, opens=True, agreement_id=target, organization_amount=own
        ),
        Line(transfer, -amount, for_agreement_id=target, organization_amount=-own),
    ]  # fmt: skip


def _documents(actor: Any, draft: Draft, made: DebtTransfer, items: list[OpenItem]) -> None:
    moved = MovedDebt.objects.bulk_create(
        MovedDebt(
            organization=actor.organization, transfer=made, source_item_id=part.debt.item_id,
            source_account_id=part.debt.standing_on, open_item=item, currency=made.currency, amount=part.amount,
            organization_amount=part.own,
        )
        for part, item in zip(draft.parts, items, strict=True)
    )  # fmt: skip
    MovedOrigin.objects.bulk_create(
        MovedOrigin(
            organization=actor.organization,
            moved=each,
            booked_account_id=account,
            currency=made.currency,
            amount=amount,
        )
        for part, each in zip(draft.parts, moved, strict=True)
        for account, amount in part.origins.items()
    )


def entry_of(transfer: DebtTransfer) -> JournalEntry:
    """What a transfer posted."""
    return JournalEntry.objects.get(
        organization_id=transfer.organization_id, source_type=DebtTransfer._meta.label_lower, source_id=transfer.pk
    )


def post_reversal(actor: Any, reversal: DebtTransferReversal) -> None:
    """Mirror the entry of a transfer and take its settlements off: the debt stands on its source again."""
    entry = entry_of(reversal.transfer)
    take_back(actor, entry, kind="reverse_transfer", source=reversal, posting_date=reversal.posting_date)
