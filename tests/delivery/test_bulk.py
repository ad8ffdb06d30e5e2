"""Many invoices at once: a preview that says who is skipped and why, then a job with a line for each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from receivables.billing.delivery.models import Dispatch
from receivables.billing.delivery.operations import edit_delivery, send_invoice
from receivables.billing.operations import void_invoice
from receivables.core.models import Job
from tests.builders import make_account, make_invoice, make_member, make_organization
from tests.core.test_jobs import work_off as run
from tests.delivery.conftest import browser, letter, mails, with_address, work_off

ADDRESS = "/invoices/send/"


@pytest.fixture
def many(cast):
    """One of each: to be sent, sent already, void, without an address, by post, and somebody else's."""
    bob = cast.bob
    posted = with_address(bob)
    edit_delivery(actor=bob, customer=posted.customer, method="post")
    rows = {
        "good": cast.invoice,
        "also": make_invoice(bob, cast.account),
        "sent": make_invoice(bob, cast.account),
        "void": make_invoice(bob, cast.account),
        "nobody": make_invoice(bob, make_account(bob)),
        "posted": make_invoice(bob, posted),
        "theirs": make_invoice(make_member(make_organization("Rival"), name="Ray Rival")),
    }
    send_invoice(actor=bob, invoice=rows["sent"])
    void_invoice(actor=bob, load=rows["void"].loads.get(), reason="Twice")
    return rows


def test_the_preview_counts_and_says_who_is_skipped_and_why(cast, many):
    answer = browser(cast.bob).post(ADDRESS, {"selected": [row.pk for row in many.values()]})
    assert answer.context["summary"] == "2 invoices will be e-mailed. 4 are skipped."
    page = answer.content.decode()
    for words in (
        "Revision 1 was already sent.", f"Invoice {many['void'].number} is void.",
        "The customer has no e-mail address for invoices.", "The customer gets invoices another way: Print and post.",
    ):  # fmt: skip
        assert words in page
    assert "Ray" not in page
    assert not Job.objects.exists()


def test_the_job_sends_what_can_be_sent_and_keeps_a_log(cast, many):
    bob = browser(cast.bob)
    keys = [row.pk for row in many.values()]
    key = {"_key": "6b1b1f40-5a5e-4a43-9d5c-000000000001"}
    first = bob.post(ADDRESS, {"selected": keys, "step": "confirm", **key})
    again = bob.post(ADDRESS, {"selected": keys, "step": "confirm", **key})
    job = Job.objects.get()
    assert first.url == again.url == job.get_absolute_url()
    # Somebody is quicker with one of them.
    send_invoice(actor=cast.alice, invoice=many["also"], letter=letter())
    job = run(job)
    assert job.state == "done"
    assert [row[3] for row in job.result["log"]] == ["", "An e-mail with revision 1 is on its way already."]
    for dispatch in Dispatch.objects.filter(method="email"):
        work_off(dispatch)
    assert len(mails()) == 2
    page = bob.get(job.get_absolute_url()).content.decode()
    assert many["good"].number in page
    assert "is on its way already" in page


def test_a_job_that_is_run_again_goes_on_where_it_was(cast, many):
    bob = browser(cast.bob)
    keys = [many["good"].pk, many["also"].pk]
    bob.post(ADDRESS, {"selected": keys, "step": "confirm", "_key": "6b1b1f40-5a5e-4a43-9d5c-000000000002"})
    job = Job.objects.get()
    job.result = {"log": [[many["good"].pk, many["good"].number, "ap@acme.example", ""]]}
    job.save(update_fields=["result"])
    assert [row[0] for row in run(job).result["log"]] == [many["good"].pk, many["also"].pk]
    assert Dispatch.objects.filter(method="email").get().invoice == many["also"]


def test_everything_that_the_list_shows_is_chosen_on_whatever_page(cast, many, monkeypatch):
    tab = browser(cast.bob)
    page = tab.get(reverse("invoices") + "?sending=not_sent&sort=number").content.decode()
    assert "All 4 rows" in page
    assert f'formaction="{ADDRESS}?sending=not_sent"' in page
    preview = tab.post(ADDRESS + "?sending=not_sent", {"everything": "1"}).content.decode()
    assert "2 invoices will be e-mailed. 2 are skipped." in preview
    assert many["sent"].number not in preview
    assert many["theirs"].get_absolute_url() not in preview
    monkeypatch.setattr("receivables.billing.delivery.bulk.MOST", 3)
    monkeypatch.setattr("receivables.billing.views.lists.InvoicesView.everything_up_to", 3)
    assert "All 4 rows" not in tab.get(reverse("invoices") + "?sending=not_sent").content.decode()
    refused = tab.post(ADDRESS + "?sending=not_sent", {"everything": "1"}, follow=True).content.decode()
    assert "At most 3 invoices are sent in one go" in refused


@pytest.mark.parametrize("selected", [["x"], ["1' OR 1=1"], ["9" * 30], [str(n) for n in range(1_001)]])
def test_what_is_no_selection_is_refused(cast, selected):
    assert browser(cast.bob).post(ADDRESS, {"selected": selected}).status_code == 400


def test_nothing_selected_sends_nothing(cast):
    answer = browser(cast.bob).post(ADDRESS, {"step": "confirm"})
    assert answer.status_code == 422
    assert not Job.objects.exists()


def test_only_who_may_send_finds_boxes_to_tick(cast):
    for who, found in ((cast.bob, True), (cast.audrey, False)):
        page = browser(who).get(reverse("invoices")).content.decode()
        assert ('name="selected"' in page) is found
        assert (ADDRESS in page) is found
    assert browser(cast.audrey).post(ADDRESS, {"selected": [cast.invoice.pk]}).status_code == 403


def test_the_plan_of_many_takes_as_many_queries_as_of_few(cast, many):
    client = browser(cast.bob)
    client.post(ADDRESS, {"selected": [many["good"].pk]})
    counts = []
    for keys in ([many["good"].pk], [row.pk for row in many.values()]):
        with CaptureQueriesContext(connection) as seen:
            client.post(ADDRESS, {"selected": keys})
        counts.append(len(seen))
    assert counts[0] == counts[1]
