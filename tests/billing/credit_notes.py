"""Shorthands of the tests of credit notes."""

from decimal import Decimal
from typing import Any

from receivables.billing.credit_notes.models import Reason
from receivables.billing.credit_notes.operations import issue_credit_note
from receivables.billing.models import Invoice, TaxCode
from receivables.ledger.models import GLAccount


def reason_of(actor: Any, kind: str) -> Reason:
    """The shipped reason of a kind."""
    return Reason.objects.of(actor).get(kind=kind)


def tax_code(actor: Any, rate: str) -> TaxCode:
    """A tax of so many percent, booked to the shipped account for taxes."""
    found, _made = TaxCode.objects.get_or_create(
        organization=actor.organization, code=f"T{rate}",
        defaults={
            "name": f"Tax {rate}%", "rate": Decimal(rate), "gl_account": GLAccount.objects.of(actor).get(code="2200"),
        },
    )  # fmt: skip
    return found


def credit(actor: Any, invoice: Invoice, amount: str, kind: str = "bad_debt", **details: Any) -> Any:
    """A credit note on one invoice, or the request for it."""
    return issue_credit_note(
        actor=actor, account=invoice.account, reason=reason_of(actor, kind), parts=[(invoice, Decimal(amount))],
        **details,
    )  # fmt: skip
