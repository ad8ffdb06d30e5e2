"""The operations: a sending and its task exist together; only what was handed over counts as sent."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from receivables.billing.delivery.models import CustomerDelivery, Dispatch, InvoiceMailText
from receivables.billing.delivery.operations import (
    confirm_dispatch,
    edit_delivery,
    note_bounce,
    resend_invoice,
    retry_dispatch,
    send_invoice,
    sending_of,
    suggested_letter,
)
from receivables.billing.models import Invoice, Load
from receivables.billing.operations import edit_load, generate_invoice, regenerate_invoice, void_invoice
from receivables.billing.summary.operations import generate_summary_invoice
from receivables.billing.summary.schedule import schedule_summary_invoices
from receivables.billing.summary.tasks import run_due_schedules
from receivables.core.dates import today
from receivables.core.errors import NotPermitted, Refused
from receivables.core.models import Event
from tests.builders import make_invoice, make_load, make_member, make_organization
from tests.delivery.conftest import dispatch_of, fresh, invoice_of, letter, mails, with_address, work_off


def refusal(operation, **arguments):
    with pytest.raises(Refused) as caught, transaction.atomic():
        operation(**arguments)
    return caught.value


def sent_by_mail(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
    return work_off(dispatch_of(cast.invoice))


def test_send_invoice_by_mail_waits_until_it_was_handed_over(cast):
    send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter(), seen=1)
    dispatch = dispatch_of(cast.invoice)
    assert (dispatch.state, dispatch.to, dispatch.sent_by) == ("waiting", ["ap@acme.example"], cast.bob.user)
    assert invoice_of(cast).sent_revision is None
    task = ProcrastinateJob.objects.get(task_name="billing.send_dispatch")
    assert (task.queue_name, task.args) == ("mail", {"dispatch_id": dispatch.pk})
    assert refusal(send_invoice, actor=cast.bob, invoice=cast.invoice, letter=letter()).code == "under_way"
    assert work_off(dispatch).state == "sent"
    assert invoice_of(cast).sent_revision == 1
    names = list(
        Event.objects.filter(refs__contains=[f"billing.load:{cast.invoice.loads.get().pk}"]).values_list(
            "name", flat=True
        )
    )
    assert names[-2:] == ["queue_invoice", "send_invoice"]


def test_send_invoice_and_its_task_exist_exactly_if_the_transaction_commits(cast):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        send_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())
        1 / 0  # noqa: B018
    assert not Dispatch.objects.exists()
    assert not ProcrastinateJob.objects.filter(task_name="billing.send_dispatch").exists()


@pytest.mark.parametrize("method", ["post", "portal"])
def test_send_invoice_another_way_counts_at_once(cast, method):
    sent = send_invoice(actor=cast.bob, load=cast.invoice.loads.get(), method=method)
    assert (sent.sent_revision, dispatch_of(cast.invoice).state, mails()) == (1, "sent", [])
    assert refusal(send_invoice, actor=cast.bob, invoice=cast.invoice).code == "already_sent"


def test_send_invoice_bad_input(cast):
    for changed, field in (
        ({"letter": letter(to=[])}, "to"),
        ({"method": "pigeon"}, "method"),
        ({"method": "email"}, "method"),
    ):
        assert refusal(send_invoice, actor=cast.bob, invoice=cast.invoice, **changed).field == field
    assert refusal(send_invoice, actor=cast.bob, invoice=cast.invoice, seen=7).code == "stale"
    load = make_load(cast.bob, cast.account)
    assert refusal(send_invoice, actor=cast.bob, load=load).code == "draft"
    void_invoice(actor=cast.bob, load=cast.invoice.loads.get(), reason="Twice")
    assert refusal(send_invoice, actor=cast.bob, invoice=cast.invoice).code == "void"


def test_send_invoice_and_all_about_it_wants_the_permission(cast):
    dispatch = sent_by_mail(cast)
    for who in (cast.cora, cast.audrey):
        for operation, arguments in (
            (send_invoice, {"invoice": cast.invoice}),
            (resend_invoice, {"invoice": cast.invoice, "letter": letter()}),
            (retry_dispatch, {"dispatch": dispatch}),
            (confirm_dispatch, {"dispatch": dispatch}),
            (note_bounce, {"dispatch": dispatch, "bounced_on": today(cast.organization), "reason": "x"}),
            (edit_delivery, {"customer": cast.account.customer}),
        ):
            with pytest.raises(NotPermitted):
                operation(actor=who, **arguments)


def test_send_invoice_of_a_newer_revision_moves_the_day(cast):
    sent_by_mail(cast)
    edit_load(actor=cast.bob, load=cast.invoice.loads.get(), line_haul=Decimal(900))
    regenerate_invoice(actor=cast.bob, load=cast.invoice.loads.get())
    first = invoice_of(cast).sent_at
    sent_by_mail(cast)
    assert invoice_of(cast).sent_revision == 2
    assert invoice_of(cast).sent_at > first


def test_resend_invoice_leaves_the_first_time_as_it_was(cast):
    assert refusal(resend_invoice, actor=cast.bob, invoice=cast.invoice, letter=letter()).code == "not_sent"
    first = sent_by_mail(cast)
    before = invoice_of(cast).sent_at
    again = resend_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter(to=["boss@acme.example"]))
    assert work_off(again).state == "sent"
    assert invoice_of(cast).sent_at == before
    assert again.message_id != first.message_id
    assert [message.to for message in mails()] == [["ap@acme.example"], ["boss@acme.example"]]
    assert Event.objects.filter(name="dispatch_sent").count() == 1


def test_note_bounce_shows_loudly_and_a_new_sending_replaces_it(cast):
    dispatch = sent_by_mail(cast)
    day = today(cast.organization)
    early = refusal(note_bounce, actor=cast.bob, dispatch=dispatch, bounced_on=day - timedelta(days=2), reason="x")
    assert early.field == "bounced_on"
    assert refusal(note_bounce, actor=cast.bob, dispatch=dispatch, bounced_on=day, reason=" ").field == "reason"
    bounced = note_bounce(actor=cast.bob, dispatch=dispatch, bounced_on=day, reason="No such mailbox")
    assert (bounced.state, invoice_of(cast).sent_revision) == ("bounced", 1)
    assert refusal(note_bounce, actor=cast.bob, dispatch=dispatch, bounced_on=day, reason="x").code == "bounced"
    assert work_off(resend_invoice(actor=cast.bob, invoice=cast.invoice, letter=letter())).state == "sent"


def test_retry_dispatch_and_confirm_dispatch_want_their_states(cast):
    dispatch = sent_by_mail(cast)
    assert refusal(retry_dispatch, actor=cast.bob, dispatch=dispatch).code == "not_failed"
    assert refusal(confirm_dispatch, actor=cast.bob, dispatch=dispatch).code == "not_uncertain"


def test_edit_delivery_and_what_a_letter_begins_with(cast):
    customer = cast.account.customer
    assert suggested_letter(cast.bob, sending_of(cast.bob, cast.invoice.pk)).to == ["ap@acme.example"]
    edit_delivery(
        actor=cast.bob, customer=customer, seen=0, to=["x@acme.example"], cc=["y@acme.example"], language="es",
        attach_pdf=False,
    )  # fmt: skip
    InvoiceMailText.objects.create(
        organization=cast.organization, language="es", sender_name="Azul", reply_to="ar@blue.example",
        subject="Factura {number}", body="{customer}: {total}",
    )  # fmt: skip
    found = suggested_letter(cast.bob, sending_of(cast.bob, cast.invoice.pk))
    assert (found.to, found.cc, found.attach_pdf, found.language) == (
        ["x@acme.example"],
        ["y@acme.example"],
        False,
        "es",
    )
    assert (found.subject, found.body) == (f"Factura {cast.invoice.number}", "Acme Foods: 1,000.00\xa0USD")
    assert (found.sender_name, found.reply_to) == ("Azul", "ar@blue.example")
    assert refusal(edit_delivery, actor=cast.bob, customer=customer, seen=0, cc=[]).code == "stale"
    assert refusal(edit_delivery, actor=cast.bob, customer=customer, seen=1, to=[]).field == "to"
    event = Event.objects.get(name="edit_delivery")
    assert (event.data["before"]["to"], event.data["after"]["to"]) == ("ap@acme.example", "x@acme.example")
    changed = edit_delivery(actor=cast.bob, customer=customer, seen=1, method="post", to=[], cc=[])
    kept = CustomerDelivery.objects.get(customer=customer)
    assert (changed.version, kept.version, kept.method, kept.to, kept.language) == (2, 2, "post", [], "es")


def test_sending_by_itself_when_generated_only_where_the_customer_says_so(cast):
    edit_delivery(actor=cast.bob, customer=cast.account.customer, automatic=True, to=["ap@acme.example"])
    invoice = make_invoice(cast.bob, cast.account)
    dispatch = dispatch_of(invoice)
    assert (dispatch.automatic, dispatch.state) == (True, "waiting")
    assert work_off(dispatch).state == "sent"
    assert mails()[0].subject == f"Invoice {invoice.number} from Blue Freight"
    other = make_invoice(cast.bob, with_address(cast.bob))
    assert not Dispatch.objects.filter(invoice=other).exists()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        generate_invoice(actor=cast.bob, load=make_load(cast.bob, cast.account))
        1 / 0  # noqa: B018
    assert Dispatch.objects.count() == 1


def test_sending_by_itself_a_summary_invoice_made_by_a_person_or_by_schedule(cast):
    edit_delivery(actor=cast.bob, customer=cast.account.customer, automatic=True, to=["ap@acme.example"])
    by_hand = generate_summary_invoice(actor=cast.bob, loads=[make_load(cast.bob, cast.account) for _ in range(2)])
    day = today(cast.bob.organization)
    make_load(cast.bob, cast.account, delivery_date=day - timedelta(days=1))
    schedule_summary_invoices(actor=cast.bob, customer=cast.account.customer, frequency="weekly", next_date=day)
    assert run_due_schedules() == 1
    by_schedule = Invoice.objects.of(cast.bob).filter(summary=True).latest("pk")
    assert by_schedule != by_hand
    for invoice in (by_hand, by_schedule):
        assert work_off(dispatch_of(invoice)).state == "sent"


def test_other_organizations_neither_send_nor_are_seen(cast):
    ray = make_member(make_organization("Rival"), name="Ray Rival")
    dispatch = sent_by_mail(cast)
    for operation, arguments in ((send_invoice, {"invoice": cast.invoice}), (retry_dispatch, {"dispatch": dispatch})):
        with pytest.raises(Exception):  # noqa: B017  not found, in whichever words
            operation(actor=ray, **arguments)
    assert CustomerDelivery.objects.of(ray).count() == 0
    assert fresh(dispatch).state == "sent"


def test_an_invoice_over_several_loads_is_sent_once_for_all(cast):
    """Until summaries can be made here, a second load that joined the invoice stands for one."""
    second = make_load(cast.bob, cast.account)
    Load.objects.filter(pk=second.pk).update(invoice=cast.invoice)
    send_invoice(actor=cast.bob, load=Load.objects.get(pk=second.pk), letter=letter())
    work_off(dispatch_of(cast.invoice))
    event = Event.objects.get(name="send_invoice")
    assert {f"billing.load:{pk}" for pk in (second.pk, cast.invoice.loads.first().pk)} <= set(event.refs)
    assert timezone.now() >= invoice_of(cast).sent_at
