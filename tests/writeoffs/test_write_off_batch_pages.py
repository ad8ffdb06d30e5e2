"""Pages of batches: choosing debts, asking for a batch, and the batch, as those who may and as others."""

import pytest
from django.urls import reverse

from receivables.writeoffs.bulk.models import WriteOffBatch
from receivables.writeoffs.models import WriteOff
from tests.builders import make_account, make_invoice
from tests.support.forms import own_fields
from tests.writeoffs import batches

pytestmark = pytest.mark.django_db


def text(response):
    return response.content.decode().replace("\xa0", " ")


def test_plan_write_offs_and_write_off_debts_by_their_pages(admin, biller, stranger, browser_of):
    for name in ("Acme", "Borealis"):
        make_invoice(admin, make_account(admin, name), "40")
    client = browser_of(admin)
    assert "Write off many" in text(client.get(reverse("write_offs")))
    assert "Write off selected" in text(client.get(reverse("debts_to_write_off")))
    plan = reverse("plan_write_offs")
    page = client.post(plan + "?most=100", {"everything": "1"})
    assert "2 debts, 80.00 USD" in text(page)
    fields = {**own_fields(text(page)), "to_type": ""}
    refused = client.post(plan, {**fields, "reason": " "})
    assert refused.status_code == 422
    sent = client.post(plan, {**fields, "reason": "Small and old"})
    assert sent.status_code == 302, sent.content.decode()
    batch = batches.work_off(WriteOffBatch.objects.get())
    here = batch.get_absolute_url()
    shown = text(client.get(here))
    assert "Nothing has been written off yet" in shown
    assert "6150 Write-off expense" in shown, "by account of the ledger"
    confirm = reverse("write_off_debts", args=[batch.pk])
    asked = text(client.get(confirm))
    assert "80.00 USD of 2 accounts is written off" in asked
    assert client.post(confirm, own_fields(asked)).status_code == 302
    assert batches.states(batches.work_off(batch)) == {"done": 2}
    made = WriteOff.objects.first()
    assert f'href="{here}"' in text(client.get(made.get_absolute_url())), "a write-off names the batch it came from"
    assert f'href="{made.get_absolute_url()}"' in text(client.get(here))
    undo = text(client.get(reverse("undo_write_offs", args=[batch.pk])))
    assert "2 write-offs are taken back, each by a reversal of its own, 80.00 USD in all." in undo
    assert client.get(reverse("write_off_batches")).status_code == 200
    for other, status in ((biller, 200), (stranger, 404)):
        assert browser_of(other).get(here).status_code == status
    assert browser_of(biller).get(plan).status_code == 403
