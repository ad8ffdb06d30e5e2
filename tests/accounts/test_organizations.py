"""A new organization: by the platform's staff on a page, or from the command line."""

from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import Membership, Organization
from accounts.organizations import Installer, PlatformDesk, create_organization
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event, Sequence
from receivables.ledger.models import GLAccount
from tests.accounts.conftest import signed_in
from tests.support import stock

PAGE = "/organizations/new/"
FORM = {
    "name": "New Freight", "slug": "new-freight", "currency": "usd", "country": "US", "timezone": "UTC",
    "language": "en", "admin_email": "Nora@new.test", "admin_name": "Nora",
}  # fmt: skip


def test_create_organization_needs_no_organization_yet_and_makes_it_ready(cast):
    response = signed_in(cast.staff).post(PAGE, FORM)
    assert response["Location"] == "/organizations/"
    made = Organization.objects.get(slug="new-freight")
    admin = Membership.objects.get(organization=made)
    assert (made.currency, admin.user.email, admin.role) == ("USD", "nora@new.test", "admin")
    assert GLAccount.objects.filter(organization=made, role="receivables").exists()
    assert Sequence.objects.filter(organization=made, kind="invoice").exists()
    event = Event.objects.get(name="create_organization", organization=made)
    assert event.actor_user == cast.staff


def test_the_first_admin_is_invited(cast):
    signed_in(cast.staff).post(PAGE, FORM)
    job = ProcrastinateJob.objects.get(task_name="accounts.send_password_mail")
    assert job.args["email"] == "nora@new.test"
    assert mail.outbox == []


def test_the_platform_finds_every_organization_in_its_switcher(cast):
    client = signed_in(cast.staff)
    client.post(PAGE, FORM)
    page = client.get("/organizations/").content.decode()
    assert all(name in page for name in ("Acme", "Rival", "New Freight", PAGE))


@pytest.mark.parametrize("who", ["alice", "petra", "bob", "audrey"])
def test_nobody_else_creates_an_organization(cast, who):
    client = signed_in(getattr(cast, who).user)
    assert client.get(PAGE).status_code == client.post(PAGE, FORM).status_code == 403
    assert not Organization.objects.filter(slug="new-freight").exists()
    assert PAGE not in client.get("/organizations/").content.decode()


def test_somebody_without_any_organization_is_refused_as_well(cast):
    Membership.objects.filter(pk=cast.bob.pk).update(active=False)
    assert signed_in(cast.bob.user).get(PAGE).status_code == 403
    assert Client().get(PAGE).status_code == 302


def made_here():
    """How many organizations there are, without those in stock."""
    return Organization.objects.exclude(slug__in=stock.SLUGS).count()


@pytest.mark.parametrize(
    ("field", "value"),
    [("slug", "acme"), ("slug", "no spaces"), ("currency", "XXQ"), ("country", "usa"), ("timezone", "Mars"),
     ("name", ""), ("admin_email", "nobody"), ("admin_name", "")],
)  # fmt: skip
def test_what_is_wrong_stands_beside_its_field(cast, field, value):
    response = signed_in(cast.staff).post(PAGE, {**FORM, field: value})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert made_here() == 2


def test_create_organization_refuses_a_short_name_twice_and_anybody_else(cast):
    facts = {"name": "Acme again", "slug": "acme", "currency": "USD"}
    with pytest.raises(Refused, match="short name"):
        create_organization(actor=PlatformDesk(cast.staff), **facts)
    with pytest.raises(NotPermitted):
        create_organization(actor=cast.alice, **{**facts, "slug": "other"})
    with pytest.raises(NotPermitted):
        create_organization(actor=PlatformDesk(cast.bob.user), **{**facts, "slug": "other"})
    assert not Installer().can("view_receivables")


COMMAND = ["create_organization", "New Freight", "--slug", "new-freight", "--admin-email", "Nora@new.test"]


def test_the_command_prints_the_link_that_sets_the_password(cast):
    out = StringIO()
    call_command(*COMMAND, "--currency", "USD", "--admin-name", "Nora", stdout=out)
    link = out.getvalue().split(" at ")[1].strip()
    assert Client().get(link, follow=True).context["validlink"]


@pytest.mark.parametrize(("slug", "currency"), [("acme", "USD"), ("Bad Slug", "USD"), ("new", "dollars")])
def test_the_command_says_what_is_wrong(cast, slug, currency):
    with pytest.raises(CommandError):
        call_command(
            "create_organization", "X", "--slug", slug, "--currency", currency,
            "--admin-email", "n@n.test", "--admin-name", "N",
        )  # fmt: skip
    assert made_here() == 2
