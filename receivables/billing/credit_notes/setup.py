"""The reasons that a fresh organization begins with."""

from typing import Any

from receivables.billing.credit_notes.models import Reason
from receivables.ledger.models import GLAccount

Kind, Document, TaxRule = Reason.Kind, Reason.Document, Reason.TaxRule

# Bad debt leaves the tax alone, what is conceded takes it back at once. Small differences, bank fees and taxes withheld
# are no correction of the invoice, so they get no document.
REASONS = [
    ("BAD-DEBT", "Bad debt", Kind.BAD_DEBT, "6100", Document.CREDIT_NOTE, TaxRule.NONE),
    ("PRICE", "Price concession", Kind.PRICE_CONCESSION, "4900", Document.CREDIT_NOTE, TaxRule.AT_ONCE),
    ("DISCOUNT", "Discount", Kind.DISCOUNT, "4950", Document.CREDIT_NOTE, TaxRule.AT_ONCE),
    ("SMALL", "Small difference", Kind.SMALL_DIFFERENCE, "6300", Document.JOURNAL, TaxRule.NONE),
    ("BANK-FEE", "Bank fee", Kind.BANK_FEE, "6200", Document.JOURNAL, TaxRule.NONE),
    ("WITHHELD", "Withholding tax", Kind.WITHHOLDING_TAX, "1300", Document.JOURNAL, TaxRule.NONE),
]


def set_up_reasons(*, actor: Any, event: Any, subject: Any) -> None:
    """Reaction to a new organization: its reasons of differences, after the chart of accounts exists."""
    accounts = {each.code: each for each in GLAccount.objects.filter(organization=subject)}
    Reason.objects.bulk_create(
        Reason(
            organization=subject, code=code, name=name, kind=kind, gl_account=accounts[account], document=document,
            tax_rule=tax_rule, currency=subject.currency,
        )
        for code, name, kind, account, document, tax_rule in REASONS
    )  # fmt: skip
