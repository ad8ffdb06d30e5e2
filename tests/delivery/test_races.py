"""Two people at once: one mail."""

from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import send_invoice
from receivables.billing.models import Invoice
from receivables.core.errors import Refused
from tests.builders import make_invoice, make_member, make_organization
from tests.delivery.conftest import letter, with_address
from tests.support.races import race


def test_send_invoice_by_two_at_once_queues_one_mail(committed_db):
    bob = make_member(make_organization(), "biller", "Bob Biller")
    ben = make_member(bob.organization, "biller", "Ben Biller")
    invoice = make_invoice(bob, with_address(bob))

    def send(who):
        return lambda: send_invoice(actor=who, invoice=Invoice.objects.get(pk=invoice.pk), letter=letter(), seen=1)

    outcomes = race(send(bob), send(ben))
    assert sorted(getattr(each, "code", "sent") for each in outcomes) == ["sent", "under_way"]
    assert sum(isinstance(each, Refused) for each in outcomes) == 1
    assert Dispatch.objects.count() == 1
