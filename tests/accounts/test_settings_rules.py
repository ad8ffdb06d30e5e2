"""What the settings refuse, each beside its field; and that nobody widens their own authority."""

from decimal import Decimal

import pytest

from accounts.roles import Role
from receivables.approvals.authority import Limit, authority_blocker
from receivables.approvals.models import AuthorityLimit
from receivables.approvals.operations import authority_of
from receivables.billing.models import AccessorialType, TaxCode
from receivables.billing.operations import add_accessorial
from receivables.collections.models import BankAccount
from receivables.core.models import Sequence
from receivables.core.sequences import take_numbers
from receivables.customers.models import AgreementType, DebtClass
from receivables.ledger.models import GLAccount
from tests.accounts.conftest import signed_in
from tests.builders import make_load, make_member, make_organization, make_type
from tests.support.forms import own_fields

TYPES = "/settings/billing/accessorialtype/"
TAXES = "/settings/billing/taxcode/"
ACCOUNTS = "/settings/ledger/glaccount/"
LIMITS = "/settings/approvals/authoritylimit/"
NUMBERS = "/settings/core/sequence/"


@pytest.fixture
def alice(db):
    return make_member(make_organization())


@pytest.fixture
def client(alice):
    return signed_in(alice.user)


def gl(alice, code):
    return GLAccount.objects.of(alice).get(code=code).pk


def errors(response):
    assert response.status_code == 200, response.status_code
    return list(response.context["adminform"].form.errors)


def type_form(alice, **changes):
    form = {
        "name": "Write-Off", "kind": "bad_debt", "rate_type": "flat", "entities": ["customer"], "active": "on",
        "gl_account": gl(alice, "6100"), "tax_treatment": "none",
    }  # fmt: skip
    return {**form, **changes}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "DETENTION"}, "name"),
        ({"entities": []}, "entities"),
        ({"entities": ["broker"]}, "entities"),
        ({"kind": "gift"}, "kind"),
        ({"rate_type": "mood"}, "rate_type"),
        ({"gl_account": "999999"}, "gl_account"),
        ({"gl_account": "1200"}, "gl_account"),
        ({"tax_treatment": "added"}, "tax_treatment"),
        ({"kind": "price_concession", "tax_treatment": "added"}, "tax_treatment"),
        ({"kind": "charge", "tax_treatment": "added"}, "tax_code"),
    ],
)
def test_an_accessorial_type_says_what_is_wrong_beside_the_field(alice, client, changes, field):
    make_type(alice, "Detention", "charge")
    if changes.get("gl_account") == "1200":
        changes = {"gl_account": gl(alice, "1200")}
    assert errors(client.post(f"{TYPES}add/", type_form(alice, **changes))) == [field]
    assert AccessorialType.objects.count() == 1


def test_a_name_is_free_in_another_organization(alice, client):
    other = make_member(make_organization("Other"))
    make_type(other, "Write-Off")
    assert client.post(f"{TYPES}add/", type_form(alice)).status_code == 302


def test_a_used_type_keeps_its_kind_and_tax_and_may_be_switched_off(alice, client):
    kind = make_type(alice, "Detention", "charge")
    add_accessorial(actor=alice, load=make_load(alice), type=kind, entity="customer", amount=Decimal(50))
    page = f"{TYPES}{kind.pk}/change/"
    fields = client.get(page).context["adminform"].form.fields
    assert not {"kind", "tax_treatment", "tax_code"} & fields.keys()
    form = type_form(alice, name="Waiting", kind="bad_debt", tax_treatment="included", active="")
    assert client.post(page, form).status_code == 302
    kind = AccessorialType.objects.get(pk=kind.pk)
    assert (kind.name, kind.kind, kind.tax_treatment, kind.active) == ("Waiting", "charge", "none", False)


def test_an_unused_type_may_still_become_something_else(alice, client):
    kind = make_type(alice, "Detention", "charge")
    client.post(f"{TYPES}{kind.pk}/change/", type_form(alice))
    assert AccessorialType.objects.get(pk=kind.pk).kind == "bad_debt"


@pytest.mark.parametrize("rate", ["", "-1", "100.01", "abc", "1.1234567", "NaN", "1e3"])
def test_a_tax_rate_is_a_percentage(alice, client, rate):
    form = {"code": "V", "name": "V", "rate": rate, "category": "S", "gl_account": gl(alice, "2200")}
    assert errors(client.post(f"{TAXES}add/", form)) == ["rate"]


def test_a_tax_rate_never_changes_once_it_exists(alice, client):
    form = {"code": "V", "name": "V", "rate": "7.5", "category": "S", "gl_account": gl(alice, "2200"), "active": "on"}
    assert client.post(f"{TAXES}add/", form).status_code == 302
    code = TaxCode.objects.get()
    client.post(f"{TAXES}{code.pk}/change/", {**form, "name": "VAT", "rate": "99"})
    code = TaxCode.objects.get()
    assert (code.name, code.rate) == ("VAT", Decimal("7.5"))
    assert errors(client.post(f"{TAXES}add/", {**form, "code": "v"})) == ["code"]


def test_a_gl_account_keeps_kind_and_role_and_those_of_the_system_stay_active(alice, client):
    control = GLAccount.objects.of(alice).get(role="receivables")
    form = {"code": "1200", "name": "Debtors", "kind": "expense", "role": ""}
    assert errors(client.post(f"{ACCOUNTS}{control.pk}/change/", form)) == ["active"]
    assert client.post(f"{ACCOUNTS}{control.pk}/change/", {**form, "active": "on"}).status_code == 302
    control = GLAccount.objects.get(pk=control.pk)
    assert (control.name, control.kind, control.role) == ("Debtors", "asset", "receivables")


def test_a_distribution_code_names_a_write_off_type_and_no_other(alice, client):
    account = GLAccount.objects.of(alice).get(code="2500")
    form = {"code": "2500", "name": "Other", "active": "on", "write_off_override": "on"}
    page = f"{ACCOUNTS}{account.pk}/change/"
    assert errors(client.post(page, form)) == ["write_off_type"]
    freight = AgreementType.objects.of(alice).get(code="FREIGHT")
    assert "write_off_type" in errors(client.post(page, {**form, "write_off_type": freight.pk}))
    liability = AgreementType.objects.of(alice).get(code="WO-LIA")
    assert client.post(page, {**form, "write_off_type": liability.pk}).status_code == 302


@pytest.mark.parametrize("prefix", ["INV2", "=1+", "A B-", "-X", "x" * 13, "ÄB-"])
def test_a_prefix_that_would_mislead_is_refused(alice, client, prefix):
    numbers = Sequence.objects.of(alice).get(kind="invoice")
    assert errors(client.post(f"{NUMBERS}{numbers.pk}/change/", {"prefix": prefix, "width": "6"})) == ["prefix"]


def test_numbers_go_on_with_the_new_prefix_and_the_counter_is_nobodys_to_set(alice, client):
    numbers = Sequence.objects.of(alice).get(kind="load")
    response = client.post(f"{NUMBERS}{numbers.pk}/change/", {"prefix": "LD/", "width": "4", "last": "900"})
    assert response.status_code == 302
    assert take_numbers(alice.organization_id, {"load": 1})["load"] == [(1, "LD/0001")]
    assert client.get(f"{NUMBERS}add/").status_code == 403


def test_a_write_off_type_is_neither_billed_nor_chased(alice, client):
    kind = AgreementType.objects.of(alice).get(code="WO-STD")
    form = {
        "code": "WO-STD", "name": "Write-off", "division": kind.division_id, "gl_account": kind.gl_account_id,
        "special_role": "write_off", "eligible_for_billing": "on", "payment_segment_type": "normal",
        "payment_priority": "90", "debt_class": DebtClass.objects.of(alice).get(code="REG").pk, "active": "on",
        "write_off_debt_class": kind.write_off_debt_class_id,
    }  # fmt: skip
    page = f"/settings/customers/agreementtype/{kind.pk}/change/"
    assert {"eligible_for_billing", "debt_class"} <= set(errors(client.post(page, form)))


def test_a_bank_account_keeps_its_currency(alice, client):
    bank = BankAccount.objects.of(alice).get()
    form = {"name": "Second bank", "currency": "EUR", "gl_account": bank.gl_account_id, "active": "on"}
    client.post(f"/settings/collections/bankaccount/{bank.pk}/change/", form)
    bank.refresh_from_db()
    assert (bank.name, bank.currency) == ("Second bank", "USD")


def limit_form(**changes):
    form = {"role": "", "membership": "", "kind": "bad_debt", "currency": "USD", "minimum": "0", "maximum": ""}
    return {**form, **changes}


def test_the_limits_page_says_what_holds_where_nothing_is_set(client):
    page = client.get(LIMITS).content.decode()
    assert "must ask for any Write-off, Refund" in page
    assert "Admins and Partner Admins, where nothing is set: no maximum" in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, "role"),
        ({"role": "biller", "membership": "own"}, "role"),
        ({"role": "king"}, "role"),
        ({"role": "biller", "minimum": "-1"}, "minimum"),
        ({"role": "biller", "minimum": "10", "maximum": "5"}, "maximum"),
        ({"role": "biller", "maximum": "1,000.999"}, "maximum"),
        ({"role": "biller", "maximum": "lots"}, "maximum"),
        ({"role": "collector", "maximum": "5"}, "kind"),
    ],
)
def test_a_limit_says_what_is_wrong(alice, client, changes, field):
    AuthorityLimit.objects.create(organization=alice.organization, role="collector", kind="bad_debt", currency="USD")
    if changes.get("membership"):
        changes = {**changes, "membership": alice.pk}
    assert errors(client.post(f"{LIMITS}add/", limit_form(**changes))) == [field]


def test_a_limit_of_others_is_set_widened_and_taken_away(alice, client):
    client.post(f"{LIMITS}add/", limit_form(role="biller", maximum="1,000.00"))
    biller = make_member(alice.organization, Role.BILLER, "Bob")
    assert authority_of(biller, "bad_debt", "USD").maximum == 1000
    limit = AuthorityLimit.objects.get()
    client.post(f"{LIMITS}{limit.pk}/change/", {"minimum": "0", "maximum": ""})
    assert authority_of(biller, "bad_debt", "USD").maximum is None
    assert client.post(f"{LIMITS}{limit.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not AuthorityLimit.objects.exists()


def own_limit(alice, maximum, **whose):
    whose = whose or {"membership": alice}
    return AuthorityLimit.objects.create(
        organization=alice.organization, kind="bad_debt", currency="USD", maximum=maximum, **whose
    )


@pytest.mark.parametrize("whose", [{}, {"role": "admin"}])
@pytest.mark.parametrize(("maximum", "saved"), [("50", True), ("100", True), ("100.01", False), ("", False)])
def test_nobody_widens_their_own_limit_but_may_narrow_it(alice, client, whose, maximum, saved):
    limit = own_limit(alice, 100, **whose)
    response = client.post(f"{LIMITS}{limit.pk}/change/", {"minimum": "0", "maximum": maximum})
    assert (response.status_code == 302) == saved
    if not saved:
        assert errors(response) == ["maximum"]
        assert "Nobody widens their own authority" in response.content.decode()
    assert AuthorityLimit.objects.get().maximum <= 100


@pytest.mark.parametrize("whose", [{}, {"role": "admin"}])
def test_nobody_takes_their_own_limit_away(alice, client, whose):
    limit = own_limit(alice, 100, **whose)
    response = client.post(f"{LIMITS}{limit.pk}/delete/", {"post": "yes"}, follow=True)
    assert "Nobody widens their own authority" in response.content.decode()
    assert AuthorityLimit.objects.filter(pk=limit.pk).exists()


def test_a_limit_of_ones_own_above_the_roles_is_no_way_around_it(alice, client):
    own_limit(alice, 100, role="admin")
    response = client.post(f"{LIMITS}add/", limit_form(membership=alice.pk, maximum="5000"))
    assert errors(response) == ["maximum"]
    assert client.post(f"{LIMITS}add/", limit_form(membership=alice.pk, maximum="80")).status_code == 302


def test_somebody_granted_the_page_cannot_lift_the_default_of_their_role(alice):
    bob = make_member(alice.organization, Role.BILLER, "Bob", granted=["manage_authority", "view_settings"])
    form = limit_form(role="biller", kind="write_off", maximum="10")
    assert errors(signed_in(bob.user).post(f"{LIMITS}add/", form)) == ["maximum"]
    assert signed_in(alice.user).post(f"{LIMITS}add/", form).status_code == 302


def test_a_stale_page_never_overwrites(alice, client):
    page = f"{ACCOUNTS}{gl(alice, '4100')}/change/"
    shown = own_fields(client.get(page).content.decode())
    assert client.post(page, {**shown, "name": "Extras"}).status_code == 302
    late = client.post(page, {**shown, "code": "4101"})
    assert errors(late) == ["__all__"]
    assert GLAccount.objects.of(alice).get(code="4100").name == "Extras"
    assert client.post(page, own_fields(late.content.decode())).status_code == 302, "knowing what changed"
    assert GLAccount.objects.of(alice).get(code="4101").name == "Accessorial revenue"


def test_a_limit_below_ones_own_is_ones_own_as_well(alice):
    """Own limits speak from 500.00 on; of less speaks the role's."""
    own = Limit("", alice.pk, "bad_debt", "USD", Decimal(500), Decimal(1000))
    role = Limit("admin", None, "bad_debt", "USD", Decimal(0), Decimal(100))
    for maximum, refused in ((Decimal(400), True), (None, True), (Decimal(100), False), (Decimal(50), False)):
        changed = Limit("admin", None, "bad_debt", "USD", Decimal(0), maximum)
        assert (authority_blocker(alice, [own, role], [own, changed], changed) is not None) is refused, maximum
    lower = Limit("", alice.pk, "bad_debt", "USD", Decimal(400), Decimal(1000))
    assert authority_blocker(alice, [own, role], [lower, role], lower) is not None


def test_limits_of_other_kinds_and_currencies_are_not_compared(alice):
    mine = Limit("admin", None, "bad_debt", "USD", Decimal(0), Decimal(100))
    other = Limit("admin", None, "bad_debt", "EUR", Decimal(0), Decimal(5000))
    assert authority_blocker(alice, [mine], [mine, other], other) is None
    wider = Limit("admin", None, "bad_debt", "USD", Decimal(0), None)
    assert authority_blocker(alice, [mine], [wider], wider) is not None
