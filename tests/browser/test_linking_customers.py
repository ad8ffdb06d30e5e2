"""Customers who are over there from before, linked in a real browser: looked for, proposed, one typed wrong, saved."""

import re

from django.urls import reverse
from playwright.sync_api import expect

from accounts.roles import Role
from receivables.integrations.linking import tasks
from receivables.integrations.linking.queries import linked
from tests.browser.test_every_page import complaints
from tests.builders import make_account, make_member, make_organization, make_type
from tests.integrations.conftest import connect
from tests.integrations.stages import QUICKBOOKS_ONLINE as STAGE
from tests.integrations.standins.server import running


def test_customers_are_looked_for_and_linked(visitor):
    bill = make_member(make_organization(), Role.BILLER, "Bill Biller", granted=["settings_look", "settings"])
    with running(STAGE.stand_in()) as books:
        connection = connect(bill, STAGE, books, make_type(bill))
        there = books.add_customer("Acme Foods, Inc."), books.add_customer("Zulu Trading")
        ours = [make_account(bill, name).customer for name in ("Acme Foods", "Yankee Freight", "Xavier")]
        page, address = visitor.open(bill.user), reverse("link_customers", args=[connection.pk])
        page.goto(address)
        page.get_by_role("link", name="Look through what is there").click()
        page.get_by_role("button", name="Look through what is there").click()
        expect(page.get_by_text("Books is looked through.")).to_be_visible()
        page.goto(address)
        expect(page.get_by_text("The lists are being read")).to_be_visible()
        tasks.look_through(connection_id=connection.pk)
        page.reload()
    expect(page.get_by_label("Acme Foods over there", exact=True)).to_have_value(there[0])
    page.get_by_label("Number or name of Yankee Freight over there").fill("Zulu")
    page.get_by_label("Xavier over there", exact=True).select_option(label="Is not there: make it")
    page.get_by_role("button", name="Save links").click()
    wrong = page.get_by_label("Number or name of Yankee Freight over there")
    expect(wrong).to_have_value("Zulu")
    expect(wrong).to_have_accessible_description(re.compile("Nobody over there"))
    assert linked(connection) == {}
    assert "422" in visitor.complaints.pop()  # the browser's console notes a form that was refused
    wrong.fill("zulu trading")
    page.get_by_role("button", name="Save links").click()
    expect(page.get_by_text("3 customers were decided.")).to_be_visible()
    assert linked(connection) == {ours[0].pk: there[0], ours[1].pk: there[1], ours[2].pk: ""}
    make_account(bill, "Whiskey Lines")
    found = list(complaints(page, address))
    assert not found, "\n".join(found)
