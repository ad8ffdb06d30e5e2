"""What a reason's kind decides: how the settlement reads, and whose authority it takes."""

from typing import Any

from receivables.approvals.models import AuthorityKind
from receivables.approvals.reasons import AuthorityReason
from receivables.billing.credit_notes.models import Reason
from receivables.core.events import ref
from receivables.ledger.models import Allocation

Kind = Reason.Kind

# Bad debt and small differences read Settled – written off; everything else reads Paid, shown as credited.
SETTLES_AS = {Kind.BAD_DEBT: Allocation.Kind.BAD_DEBT, Kind.SMALL_DIFFERENCE: Allocation.Kind.DIFFERENCE}

# What is given away takes authority; bank fees and taxes withheld were paid, only not to us.
AUTHORITY = {
    Kind.BAD_DEBT: AuthorityKind.BAD_DEBT,
    Kind.SMALL_DIFFERENCE: AuthorityKind.BAD_DEBT,
    Kind.PRICE_CONCESSION: AuthorityKind.PRICE_CONCESSION,
    Kind.DISCOUNT: AuthorityKind.PRICE_CONCESSION,
    Kind.OTHER: AuthorityKind.PRICE_CONCESSION,
}


def settles_as(kind: str) -> str:
    """The kind of the settlements that a credit note of this reason makes."""
    return str(SETTLES_AS.get(Kind(kind), Allocation.Kind.CREDIT_NOTE))


def authority_for(kind: str) -> str:
    """The kind of authority that giving this away takes, or '' if none."""
    return str(AUTHORITY.get(Kind(kind), ""))


def kinds_under(authority: str) -> list[str]:
    """The kinds of reasons that one authority covers."""
    return [str(kind) for kind, needed in AUTHORITY.items() if needed == authority]


def reasons_with_authority(actor: Any) -> list[AuthorityReason]:
    """The reasons of differences that may have limits of their own."""
    rows = Reason.objects.of(actor).filter(kind__in=list(AUTHORITY)).order_by("name")
    return [AuthorityReason(ref(row), authority_for(row.kind), row.name) for row in rows]
