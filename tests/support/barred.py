"""An account with an ordinary invoice and one on an agreement that no payment may reach, and money of the customer."""

from datetime import date
from decimal import Decimal

from receivables.billing.operations import create_load, generate_invoice
from receivables.collections.models import BankAccount, Payment
from receivables.collections.operations import record_payment
from receivables.customers.models import AgreementType
from tests.builders import make_account, make_invoice
from tests.support.written_off import agreement_of


class Barred:
    """`plain` of 100.00 takes payments, `invoice` of 300.00 takes none."""

    def __init__(self, admin):
        self.actor, self.account = admin, make_account(admin)
        self.plain = make_invoice(admin, self.account, "100")
        like = AgreementType.objects.of(admin).get(code="FREIGHT")
        like.pk, like.code, like.name, like.payment_segment_type = None, "BARRED", "Frozen by a court", ""
        like.save(force_insert=True)
        self.agreement = agreement_of(admin, self.account, "BARRED")
        load = create_load(actor=admin, account=self.account, agreement=self.agreement, line_haul=Decimal(300))
        self.invoice = generate_invoice(actor=admin, load=load)

    def received(self, amount="500") -> Payment:
        return record_payment(
            actor=self.actor, account=self.account, amount=Decimal(amount), date=date(2026, 11, 3), method="wire",
            bank_account=BankAccount.objects.of(self.actor).get(),
        )  # fmt: skip
