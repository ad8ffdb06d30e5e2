"""An organization with all roles, a customer who has an address, and a worker without a worker."""

from copy import deepcopy
from types import SimpleNamespace

import pytest
from django.core import mail
from django.test import Client

from accounts.roles import Role
from receivables.billing.delivery import mailing, tasks
from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import Letter
from receivables.billing.models import Invoice
from tests.builders import make_account, make_invoice, make_member, make_organization

PDF = b"%PDF-1.7 "


@pytest.fixture(autouse=True)
def _quick(settings, monkeypatch):
    """No second factor, and a PDF that only says of which revision it is: making real ones is tested once."""
    settings.REQUIRE_SECOND_FACTOR = False
    settings.DEFAULT_FROM_EMAIL = "billing@blue.example"
    monkeypatch.setattr(mailing, "invoice_pdf", lambda invoice, revision: PDF + str(revision).encode())


def make_cast():
    organization = make_organization()
    return SimpleNamespace(
        organization=organization,
        alice=make_member(organization, Role.ADMIN, "Alice Owner"),
        bob=make_member(organization, Role.BILLER, "Bob Biller"),
        cora=make_member(organization, Role.COLLECTOR, "Cora Collector"),
        audrey=make_member(organization, Role.AUDITOR, "Audrey Auditor"),
    )


def with_address(actor, email="ap@acme.example", **details):
    """An account of a customer with an address."""
    account = make_account(actor, **details)
    account.customer.email = email
    account.customer.save(update_fields=["email"])
    return account


def make_invoiced():
    cast = make_cast()
    cast.account = with_address(cast.bob)
    cast.invoice = make_invoice(cast.bob, cast.account)
    return cast


@pytest.fixture(scope="module")
def kept_cast(keep):
    return keep(make_invoiced)


@pytest.fixture
def cast(kept_cast, db):
    """Alice is Admin, Bob Biller, Cora Collector, Audrey Auditor; `invoice` is not sent yet."""
    return deepcopy(kept_cast)


def letter(**changed):
    values = {
        "to": ["ap@acme.example"], "cc": [], "subject": "Your invoice", "body": "Attached.", "sender_name": "Blue",
        "reply_to": "ar@blue.example", "language": "en",
    }  # fmt: skip
    return Letter(**{**values, **changed})


def work_off(dispatch, attempts=0):
    """What the worker does with the task of a sending."""
    context = SimpleNamespace(job=SimpleNamespace(attempts=attempts))
    tasks.send_dispatch.func(context, dispatch_id=dispatch.pk)
    return fresh(dispatch)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def dispatch_of(invoice):
    return Dispatch.objects.filter(invoice=invoice).latest("pk")


def invoice_of(cast):
    return Invoice.objects.get(pk=cast.invoice.pk)


def mails():
    return mail.outbox


def browser(member):
    client = Client()
    client.force_login(member.user, backend="accounts.backends.MembershipBackend")
    return client
