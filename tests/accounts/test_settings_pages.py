"""Every page of the settings: who looks, who changes, nothing of another organization, nothing deleted, all kept."""

from copy import deepcopy
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.contenttypes.models import ContentType
from django.test import Client

from accounts.admin_history import events_of
from accounts.admin_pages import LookAdmin
from accounts.admin_site import SECTIONS, receivables_admin
from accounts.models import Membership, Organization, User
from accounts.roles import PLATFORM_VERBS, ROLE_VERBS, Role
from receivables.approvals.models import ApprovalStep, AuthorityLimit
from receivables.billing.delivery.models import InvoiceMailText
from receivables.billing.models import AccessorialType, Reason, TaxCode
from receivables.collections.models import BankAccount, PayOffPolicy
from receivables.core.models import Sequence
from receivables.credit_control.models import CollectionCriterion
from receivables.customers.models import (
    AgreementType,
    CollectionClass,
    DebtClass,
    Division,
    PaymentTerms,
    WriteOffDebtClass,
)
from receivables.integrations.models import Connection
from receivables.integrations.webhooks.models import Endpoint
from receivables.ledger.models import ExchangeRate, GLAccount, JournalEntry
from receivables.writeoffs.automated.models import CollectionAgency, ProcessTemplate, WriteOffControl
from receivables.writeoffs.models import WriteOffSettings
from tests.accounts.conftest import signed_in
from tests.builders import PASSWORD, make_invoice, make_member, make_organization, make_type

KEPT = [
    AccessorialType, TaxCode, GLAccount, PaymentTerms, Sequence, BankAccount, AgreementType, Division, DebtClass,
    WriteOffDebtClass, CollectionClass, AuthorityLimit, ApprovalStep, Organization, Membership, User,
    InvoiceMailText, Reason, PayOffPolicy, WriteOffSettings, CollectionCriterion, CollectionAgency,
    ProcessTemplate, WriteOffControl, Connection, Endpoint,
]  # fmt: skip
# One row an organization, or one a kind: there from the beginning, never added.
ONE_EACH = (Sequence, PayOffPolicy, WriteOffSettings)
PAGES = {model: page for model, page in receivables_admin._registry.items() if model is not User}
OWN = {model: page for model, page in PAGES.items() if model not in (Organization, Membership)}


def address(model, tail=""):
    return f"/settings/{model._meta.app_label}/{model._meta.model_name}/{tail}"


def world(name):
    """An organization with at least one row of every setting."""
    organization = make_organization(name, currency="USD")
    alice = make_member(organization, Role.ADMIN, f"Alice of {name}")
    own = {"organization": organization}
    make_invoice(alice)
    make_type(alice, f"Detention {name}", "charge")
    liability = GLAccount.objects.get(code="2200", **own)
    TaxCode.objects.create(code="VAT", name=f"VAT {name}", rate=Decimal("7.5"), gl_account=liability, **own)
    ExchangeRate.objects.create(currency="EUR", date=date(2026, 11, 1), rate=Decimal("1.0875"), **own)
    AuthorityLimit.objects.create(role=Role.BILLER, kind="bad_debt", currency="USD", maximum=500, **own)
    ApprovalStep.objects.create(kind="bad_debt", currency="USD", amount_from=1000, decisions=2, **own)
    Connection.objects.create(
        system="quickbooks_online", name="Books", start_date=date(2026, 1, 1), options={"environment": "sandbox"}, **own
    )
    Endpoint.objects.create(name="Shop", url="https://shop.example.com/hook", **own)
    return SimpleNamespace(organization=organization, alice=alice)


@pytest.fixture(scope="module")
def both(keep):
    return keep(lambda: {name: world(name) for name in ("Red", "Blue")})


@pytest.fixture
def worlds(both, db):
    return deepcopy(both)


@pytest.fixture
def mine(worlds):
    return worlds["Red"]


@pytest.fixture
def theirs(worlds):
    return worlds["Blue"]


def browser(mine, role):
    if role == "platform":
        staff = User.objects.create_superuser("sue@platform.test", PASSWORD, full_name="Sue")
        return signed_in(staff, mine.organization), PLATFORM_VERBS
    member = mine.alice if role == Role.ADMIN else make_member(mine.organization, role, f"One {role}")
    return signed_in(member.user), ROLE_VERBS[role]


def row_of(model, mine):
    return model._default_manager.filter(organization=mine.organization).first()


@pytest.mark.parametrize("role", [*Role.values, "platform"])
def test_each_page_opens_and_changes_by_the_table_of_roles(mine, role):
    client, verbs = browser(mine, role)
    wrong = []
    for model, page in OWN.items():
        looks, changes = bool({page.view_verb, page.verb} & verbs), page.verb in verbs
        adds = changes and model not in ONE_EACH
        row = row_of(model, mine).pk
        seen = {
            "list": (client.get(address(model)).status_code, 200 if looks else 403),
            "row": (client.get(address(model, f"{row}/change/")).status_code, 200 if looks else 403),
            "what changed": (client.get(address(model, f"{row}/history/")).status_code, 200 if looks else 403),
            "add": (client.get(address(model, "add/")).status_code, 200 if adds else 403),
        }
        wrong += [f"{model.__name__} {name}: {got}" for name, (got, expected) in seen.items() if got != expected]
        if not changes:
            status = client.post(address(model, f"{row}/change/"), {"name": "Changed"}).status_code
            wrong += [f"{model.__name__} changed: {status}"] if status != 403 else []
    assert not wrong, "\n".join(wrong)


def test_an_auditor_sees_no_field_to_type_in(mine):
    client, _verbs = browser(mine, Role.AUDITOR)
    for model in OWN:
        page = client.get(address(model, f"{row_of(model, mine).pk}/change/")).content.decode()
        assert 'name="_save"' not in page, model
        assert '<select name="' not in page, model


def test_the_journal_says_in_words_what_an_entry_is(mine):
    client, _verbs = browser(mine, Role.ADMIN)
    entry = row_of(JournalEntry, mine)
    assert entry.kind == "generated"
    for page in (address(JournalEntry), address(JournalEntry, f"{entry.pk}/change/")):
        assert "Invoice generated" in client.get(page).content.decode(), page


def test_the_first_page_has_the_sections_in_words(mine):
    client, _verbs = browser(mine, Role.ADMIN)
    sections = client.get("/settings/").context["app_list"]
    assert [section["app_label"] for section in sections] == list(SECTIONS)
    assert all(page["about"] for section in sections for page in section["models"])
    assert client.get("/settings/billing/")["Location"] == "/settings/"


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_rows_of_another_organization_do_not_exist(mine, theirs, model):
    theirs = row_of(model, theirs)
    client = signed_in(mine.alice.user)
    for tail in (f"{theirs.pk}/change/", f"{theirs.pk}/history/"):
        assert client.get(address(model, tail)).status_code == 404
    assert client.post(address(model, f"{theirs.pk}/change/"), {"name": "Mine", "code": "M"}).status_code in (403, 404)
    assert client.post(address(model, f"{theirs.pk}/delete/"), {"post": "yes"}).status_code in (403, 404)
    assert "Blue" not in client.get(address(model)).content.decode()
    assert row_of(model, SimpleNamespace(organization=theirs.organization)).pk == theirs.pk


def test_choices_are_ones_own_and_a_smuggled_choice_is_refused(mine, theirs):
    client = signed_in(mine.alice.user)
    foreign = GLAccount.objects.get(organization=theirs.organization, code="6100")
    page = address(AccessorialType, "add/")
    offered = client.get(page).context["adminform"].form.fields["gl_account"].queryset
    assert set(offered.values_list("organization", flat=True)) == {mine.organization.pk}
    form = {"name": "X", "kind": "charge", "rate_type": "flat", "entities": "customer", "tax_treatment": "none"}
    response = client.post(page, {**form, "gl_account": foreign.pk})
    assert list(response.context["adminform"].form.errors) == ["gl_account"]
    own = GLAccount.objects.get(organization=mine.organization, code="4100")
    client.post(page, {**form, "gl_account": own.pk, "organization": theirs.organization.pk})
    assert AccessorialType.objects.get(name="X").organization == mine.organization


@pytest.mark.parametrize("model", OWN, ids=lambda model: model.__name__)
def test_nothing_is_deleted_but_a_limit(mine, model):
    client, row = signed_in(mine.alice.user), row_of(model, mine)
    client.post(address(model), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()
    status = client.post(address(model, f"{row.pk}/delete/"), {"post": "yes"}).status_code
    assert status == (302 if model is AuthorityLimit else 403)
    assert model._default_manager.filter(pk=row.pk).exists() == (model is not AuthorityLimit)


def test_every_setting_is_kept_by_the_database():
    assert all(events_of(model) for model in KEPT)
    assert {model for model, page in PAGES.items() if not isinstance(page, LookAdmin)} <= set(KEPT)


def test_what_changed_names_who_when_and_from_what_to_what(mine):
    client = signed_in(mine.alice.user)
    terms = PaymentTerms.objects.get(organization=mine.organization, code="NET30")
    form = {"code": "NET30", "name": "Net 30 days", "days": "45", "active": "on"}
    client.post(address(PaymentTerms, f"{terms.pk}/change/"), form)
    latest, first = client.get(address(PaymentTerms, f"{terms.pk}/history/")).context["changes"]
    assert (latest.who, str(latest.what), latest.values) == ("Alice of Red", "Changed", [("Days", "30", "45")])
    assert str(first.what) == "Added"
    page = client.get("/settings/what-changed/").content.decode()
    assert "Net 30 days" in page
    kept = events_of(PaymentTerms).objects.filter(pgh_obj_id=terms.pk).latest("pgh_id").pgh_context.metadata
    assert (kept["user"], kept["organization"]) == (mine.alice.user.pk, mine.organization.pk)
    assert kept["request"]
    assert not {"url", "password"} & set(kept)


def test_a_change_that_changes_nothing_is_none(mine):
    client = signed_in(mine.alice.user)
    terms = PaymentTerms.objects.get(organization=mine.organization, code="NET30")
    client.post(
        address(PaymentTerms, f"{terms.pk}/change/"),
        {"code": "NET30", "name": "Net 30 days", "days": "30", "active": "on"},
    )
    assert events_of(PaymentTerms).objects.filter(pgh_obj_id=terms.pk).count() == 1


def test_changes_of_another_organization_are_not_told(mine):
    for who in (mine.alice, make_member(mine.organization, Role.AUDITOR)):
        assert "Blue" not in signed_in(who.user).get("/settings/what-changed/").content.decode()
    assert signed_in(make_member(mine.organization, Role.BILLER).user).get("/settings/what-changed/").status_code == 403


@pytest.mark.parametrize("model", PAGES, ids=lambda model: model.__name__)
def test_pages_carry_no_inline_style_or_script(mine, model):
    client = signed_in(mine.alice.user)
    row = mine.organization if model is Organization else row_of(model, mine)
    for tail in ("", f"{row.pk}/change/", "add/"):
        page = client.get(address(model, tail)).content.decode()
        assert "<style" not in page
        assert ' style="' not in page
        assert "<script>" not in page


def test_a_visitor_meets_the_door(mine):
    assert Client().get("/settings/")["Location"].startswith("/sign-in/")
    assert Client().get(address(AccessorialType, "add/"))["Location"].startswith("/sign-in/")


def test_the_settings_redirect_to_no_row_of_any_table(mine, theirs):
    """The admin's own shortcut would tell which keys exist in other organizations."""
    own = GLAccount.objects.filter(organization=mine.organization).first()
    for owner in (mine, theirs):
        row = GLAccount.objects.filter(organization=owner.organization).first()
        kind = ContentType.objects.get_for_model(GLAccount)
        assert signed_in(mine.alice.user).get(f"/settings/r/{kind.pk}/{row.pk}/").status_code == 404
    assert "settings/r/" not in signed_in(mine.alice.user).get(address(GLAccount, f"{own.pk}/change/")).content.decode()
