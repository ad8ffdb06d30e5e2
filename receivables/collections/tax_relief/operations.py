"""Claiming the tax inside bad debt back: Dr the taxes / Cr what the bad debt was debited to."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from receivables.approvals.rules import no_reason_blocker
from receivables.collections.models import TaxRelief, TaxReliefClaim, TaxReliefReversal
from receivables.collections.recoveries.debits import Debit, remaining_debits
from receivables.collections.rules import not_found_blocker
from receivables.collections.tax_relief.queries import Eligible, with_later_recovery, worksheet
from receivables.collections.tax_relief.rules import claim_tax_relief_blocker, reverse_tax_relief_blocker
from receivables.collections.tax_relief.undoing import undo_reliefs
from receivables.collections.unapplied.acting import lock_all_accounts
from receivables.core.dates import today
from receivables.core.errors import refuse
from receivables.core.events import record
from receivables.core.money import split
from receivables.core.operations import operation
from receivables.core.sequences import take_numbers
from receivables.ledger.models import Allocation
from receivables.ledger.posting import Draft, Line, post
from receivables.ledger.queries import posting_date_blocker, posting_date_for


@operation
def claim_tax_relief(
    *, actor: Any, settlements: Sequence[int], as_of: datetime.date, posting_date: datetime.date | None = None
) -> TaxReliefClaim:
    """Claim back the tax inside these bad debts (keys of the settlements that gave them up), all that is eligible as
    of a day. One claim with a number; an entry for each bad debt, so that each is taken back alone.

    Raises `Refused` for one that is not eligible (any more), for a closed day, or one before it was eligible.
    """
    keys, day = list(dict.fromkeys(settlements)), today(actor.organization)
    lock_all_accounts(actor, _accounts(actor, keys))
    found = worksheet(actor, as_of, only=keys)
    refuse(
        claim_tax_relief_blocker(
            wanted=len(keys), eligible=len(found), as_of=as_of, today=day, posting_date=posting_date,
            given=[max(each.since, each.loss.given_on) for each in found],
        )
    )  # fmt: skip
    posted_on = posting_date or posting_date_for(actor.organization_id, day)
    refuse(posting_date_blocker(actor.organization_id, posted_on))
    sequence_number, number = take_numbers(actor.organization_id, {"tax_relief": 1})["tax_relief"][0]
    claim = TaxReliefClaim.objects.create(
        organization=actor.organization, number=number, sequence_number=sequence_number, as_of=as_of,
        posting_date=posted_on, created_by=actor.user,
    )  # fmt: skip
    given = remaining_debits([each.loss for each in found], actor.organization.currency)
    invoices = [_claim(actor, claim, each, given[each.loss.key]).invoice for each in found]
    record(actor, "claim_tax_relief", claim, about=list(dict.fromkeys(invoices)), reference=number)
    return claim


def _accounts(actor: Any, keys: Sequence[int]) -> set[int]:
    rows = Allocation.objects.of(actor).filter(pk__in=keys)
    return set(rows.values_list("debit_item__account", flat=True))


def _claim(actor: Any, claim: TaxReliefClaim, each: Eligible, given: Sequence[Debit]) -> TaxRelief:
    relief = TaxRelief.objects.create(
        organization=actor.organization, claim=claim, invoice=each.loss.invoice, allocation_id=each.key,
        currency=each.currency, base=each.base, amount=each.tax,
    )  # fmt: skip
    day, memo = claim.posting_date, f"{claim.number} {each.loss.invoice.number}"
    post(actor, Draft("tax_relief", relief, day, day, each.currency, _lines(actor, each, given), memo=memo))
    return relief


def _lines(actor: Any, each: Eligible, given: Sequence[Debit]) -> list[Line]:
    """Dr the taxes / Cr the accounts of the bad debt, in proportion, at the value that it was booked at."""
    own, agreement = actor.organization.currency, each.loss.invoice.agreement_id
    worth = sum((debit.own for debit in given), Decimal(0))
    weights = [each.base - each.tax, *each.taxes.values()]
    owns = split(worth, weights, own)[1:]
    debits = [
        Line(account, amount, for_agreement_id=agreement, organization_amount=value)
        for (account, amount), value in zip(each.taxes.items(), owns, strict=True)
    ]
    shares = [debit.amount for debit in given]
    credits = zip(given, split(each.tax, shares, each.currency), split(sum(owns, Decimal(0)), shares, own), strict=True)
    return [
        *debits,
        *(
            Line(debit.gl_account_id, -part, for_agreement_id=agreement, organization_amount=-value)
            for debit, part, value in credits
        ),
    ]


@operation
def reverse_tax_relief(
    *, actor: Any, relief: TaxRelief, reason: str, posting_date: datetime.date | None = None
) -> TaxReliefReversal:
    """Take the tax relief of one bad debt back: its entry is mirrored, and it can be claimed anew.

    Raises `Refused` if it was taken back before, or if a later recovery repaid a part of it.
    """
    refuse(not_found_blocker("invoice", found=relief.organization_id == actor.organization_id))
    lock_all_accounts(actor, _accounts(actor, [relief.allocation_id]))
    current = with_later_recovery(TaxRelief.objects.of(actor)).select_related("invoice", "claim", "reversal")
    refuse(reverse_blocker(current.get(pk=relief.pk), posting_date) or no_reason_blocker(reason))
    if posting_date is not None:
        refuse(posting_date_blocker(actor.organization_id, posting_date))
    return undo_reliefs(actor, [relief], reason=reason, chosen=posting_date)[0]


def reverse_blocker(relief: TaxRelief, posting_date: datetime.date | None = None) -> Any:
    """Why a tax relief, as `with_later_recovery` reads it, can't be taken back."""
    return reverse_tax_relief_blocker(
        invoice=relief.invoice.number, reversed_already=hasattr(relief, "reversal"),
        recovered_since=relief.recovered_since or "",  # type: ignore[attr-defined]
        posted=relief.claim.posting_date, posting_date=posting_date,
    )  # fmt: skip
