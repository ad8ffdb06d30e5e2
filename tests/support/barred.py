"""An account with an ordinary invoice and one on an agreement that no payment may reach, and money of the customer."""

from datetime import date
from decimal import Decimal

from receivables.billing.models import Invoice
from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import record_payment
from receivables.customers.models import Agreement, AgreementType
from tests.builders import make_account, make_invoice
from tests.support.written_off import agreement_of


class Barred:
    """`plain` of 100.00 takes payments, `invoice` of 300.00 takes none."""

    def __init__(self, admin, *, barred: bool = True):
        self.actor, self.account = admin, make_account(admin)
        self.plain = make_invoice(admin, self.account, "100")
        if barred:
            self.invoice = self.another("BARRED", "300", payments="")
            self.agreement = self.invoice.agreement

    def another(
        self, code: str, amount: str, *, priority: int = 10, payments: str = "normal", issued: date | None = None
    ) -> Invoice:
        """An invoice on a further agreement of the account, of a type of its own."""
        kind = AgreementType.objects.of(self.actor).get(code="FREIGHT")
        kind.pk, kind.code, kind.name = None, code, code.title()
        kind.payment_segment_type, kind.payment_priority = payments, priority
        kind.save(force_insert=True)
        return self.invoiced(agreement_of(self.actor, self.account, code), amount, issued)

    def invoiced(self, agreement: Agreement, amount: str, issued: date | None = None) -> Invoice:
        load = create_load(actor=self.actor, account=self.account, agreement=agreement, line_haul=Decimal(amount))
        return generate_invoice(actor=self.actor, load=load, issue_date=issued)

    def freight(self, amount: str) -> Invoice:
        """Another invoice on the ordinary agreement."""
        return self.invoiced(self.plain.agreement, amount)

    def received(self, amount="500") -> Payment:
        return record_payment(
            actor=self.actor, account=self.account, amount=Decimal(amount), date=date(2026, 11, 3), method="wire",
            bank_account=BankAccount.objects.of(self.actor).get(),
        )  # fmt: skip
