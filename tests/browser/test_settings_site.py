"""The settings in a real browser: no complaint of the console under the strict policy, and usable on a phone.

Each page is seen in one of the two directions of writing; with `LOOK_EVERYWHERE=1` (`make prove PARTS=pages`) in both.
"""

import pytest

from accounts.admin_pages import LookAdmin
from accounts.admin_site import receivables_admin
from accounts.models import Organization, User
from tests.builders import make_invoice, make_member, make_organization, make_type
from tests.support.accessibility import EVERYWHERE, scrolls_sideways, violations

PAGES = [model for model in receivables_admin._registry if model not in (User, Organization)]
IN_TURN = {"en": PAGES[::2], "ar": PAGES[1::2]}


@pytest.fixture
def alice(live_app, settings):
    settings.REQUIRE_SECOND_FACTOR = False
    alice = make_member(make_organization())
    make_type(alice)
    make_invoice(alice)
    return alice


@pytest.mark.parametrize("language", ["en", "ar"])
def test_every_page_fits_and_is_quiet(alice, visitor, language):
    User.objects.filter(pk=alice.user.pk).update(language=language)
    page = visitor.open(alice.user)
    wide = []
    for model in PAGES if EVERYWHERE else IN_TURN[language]:
        start = f"/settings/{model._meta.app_label}/{model._meta.model_name}/"
        row = model._default_manager.filter(organization=alice.organization).first()
        forms = [f"{start}add/"] if not isinstance(receivables_admin._registry[model], LookAdmin) else []
        for path in (start, *([f"{start}{row.pk}/change/"] if row else forms)):
            page.goto(path)
            for width in (1440, 390):
                page.set_viewport_size({"width": width, "height": 800})
                wide += [f"{path} {width}"] if scrolls_sideways(page) else []
    assert wide == []
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


@pytest.mark.parametrize("path", ["/settings/", "/settings/what-changed/", "/settings/ledger/glaccount/", "/help/"])
def test_pages_to_read_break_no_rule_of_accessibility(alice, visitor, path):
    page = visitor.open(alice.user, viewport={"width": 1440, "height": 900})
    page.goto(path)
    assert violations(page) == []


def test_an_error_stands_beside_its_field_and_a_type_is_made(alice, visitor):
    page = visitor.open(alice.user)
    page.goto("/settings/billing/accessorialtype/add/")
    page.fill("[name=name]", "write-off")
    page.check("[name=entities][value=customer]")
    page.check("[name=kind][value=bad_debt]")
    page.select_option("[name=gl_account]", label="6100 Bad debt expense")
    page.click("[name=_save]")
    assert "already" in page.locator(".field-name .errorlist").inner_text()
    page.fill("[name=name]", "Balance Adjustment")
    page.click("[name=_save]")
    assert "Balance Adjustment" in page.locator("#result_list").inner_text()
