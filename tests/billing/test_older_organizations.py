"""An organization made before there were reasons begins with the same as a fresh one."""

from importlib import import_module

import pytest

from accounts.models import Organization
from receivables.billing.models import Reason
from receivables.collections.models import PayOffPolicy
from receivables.ledger import setup
from receivables.ledger.models import GLAccount
from tests.builders import make_organization
from tests.support.attack import sql

REASONS = import_module("receivables.billing.migrations.0021_reasons_of_older_organizations")
POLICIES = import_module("receivables.collections.migrations.0017_policies_of_older_organizations")
MADE = (
    "code",
    "name",
    "kind",
    "gl_account__code",
    "document",
    "tax_rule",
    "relief_days",
    "currency",
    "maximum",
    "active",
)
ACCOUNT = ("code", "name", "kind", "role", "active", "write_off_type__code", "write_off_override")


def migrate():
    for statement in (REASONS.ACCOUNTS, REASONS.REASONS, POLICIES.POLICIES):
        sql(statement)


def older(monkeypatch, without=("1300", "4950"), other=()):
    """An organization whose books are older than these accounts."""
    chart = [each for each in setup.CHART if each[0] not in without]
    monkeypatch.setattr(setup, "CHART", [*chart, *other])
    organization = Organization.objects.create(name="Older", slug="older", currency="USD")
    setup.set_up_books(actor=None, event=None, subject=organization)
    return organization


def rows(model, organization, names):
    return sorted(model.objects.filter(organization=organization).values_list(*names))


@pytest.mark.django_db
def test_it_gets_what_a_fresh_one_has(monkeypatch):
    fresh = make_organization()
    before = Reason.objects.count(), PayOffPolicy.objects.count()
    organization = older(monkeypatch)
    migrate()
    assert rows(Reason, organization, MADE) == rows(Reason, fresh, MADE)
    assert rows(GLAccount, organization, ACCOUNT) == rows(GLAccount, fresh, ACCOUNT)
    assert PayOffPolicy.objects.get(organization=organization).reason.code == "BAD-DEBT"
    migrate()
    assert (Reason.objects.count(), PayOffPolicy.objects.count()) == (before[0] + 6, before[1] + 1)


@pytest.mark.django_db
def test_an_account_of_its_own_under_the_code_is_left_alone(monkeypatch):
    petty = ("4950", "Petty cash", GLAccount.Kind.ASSET, GLAccount.Role.NONE)
    organization = older(monkeypatch, other=[petty])
    migrate()
    assert GLAccount.objects.get(organization=organization, code="4950").name == "Petty cash"
    assert {each[0] for each in rows(Reason, organization, MADE)} == {
        "BAD-DEBT", "PRICE", "SMALL", "BANK-FEE", "WITHHELD"
    }  # fmt: skip
