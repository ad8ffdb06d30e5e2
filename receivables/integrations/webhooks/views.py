"""Webhooks: all of them, one with its messages, one message with every attempt, and the secret, once."""

from typing import Any

import django_tables2 as tables
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from receivables.core.access import fetch
from receivables.core.errors import Refused
from receivables.core.history import timeline
from receivables.core.listing import ListPage
from receivables.core.views import member_view
from receivables.integrations.webhooks.models import Endpoint, Message
from receivables.integrations.webhooks.operations import both_sign, show_webhook_secret

TONES = {
    "live": "success", "paused": "warning", "disabled": "danger", "queued": "neutral", "delivered": "success",
    "failed": "danger",
}  # fmt: skip
SHOWN = 50


def _badge(row: Any) -> Any:
    return format_html('<span class="badge badge-{}">{}</span>', TONES[row.state], row.get_state_display())


class EndpointTable(tables.Table):
    name = tables.Column(verbose_name=gettext_lazy("Name"), linkify=True)
    url = tables.Column(verbose_name=gettext_lazy("Address"))
    state = tables.Column(verbose_name=gettext_lazy("Status"))
    problem = tables.Column(verbose_name=gettext_lazy("What is the matter"), default="–")

    class Meta:
        model = Endpoint
        fields = ()
        sequence = ("name", "url", "state", "problem")

    def render_state(self, record: Endpoint) -> Any:
        return _badge(record)

    def value_state(self, record: Endpoint) -> str:
        return str(record.get_state_display())


class Webhooks(ListPage):
    """Every address that is told what happens."""

    verb = "manage_webhooks"
    title = gettext_lazy("Webhooks")
    section = gettext_lazy("Settings")
    summary = gettext_lazy("Other programs are told, signed, what becomes of documents.")
    table_class = EndpointTable
    sorts = {"name": "name"}
    default_sort = "name"
    empty = {
        "title": gettext_lazy("Nobody is told anything yet."),
        "text": gettext_lazy("Add the address of a program that is to hear what happens."),
        "icon": "box-arrow-right",
        "actions": [],
    }

    def queryset(self) -> QuerySet[Endpoint]:
        return Endpoint.objects.of(self.request.actor)

    def page_actions(self) -> list[dict[str, Any]]:
        url = reverse("admin:webhooks_endpoint_add")
        return [{"label": _("Add webhook"), "url": url, "style": "primary", "icon": "plus-lg"}]


def _crumbs(*more: Any) -> list[dict[str, Any]]:
    links = [{"label": each.name, "url": each.get_absolute_url()} for each in more]
    return [{"label": _("Webhooks"), "url": reverse("webhooks")}, *links]


@member_view("manage_webhooks")
def webhook(request: HttpRequest, pk: int) -> HttpResponse:
    """One address: how it stands, its secret, and the newest messages."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, Endpoint, pk)
    context = {
        "title": found.name,
        "object": found,
        "section": _("Webhooks"),
        "status_label": found.get_state_display(),
        "status_tone": TONES[found.state],
        "breadcrumb": _crumbs(),
        "edit_url": reverse("admin:webhooks_endpoint_change", args=[found.pk]),
        "rows": [(row, TONES[row.state]) for row in found.messages.order_by("-pk")[:SHOWN]],
        "both_sign": both_sign(found),
        "may_show": actor.can("show_webhook_secret") and found.shown_at is None,
        "history": timeline(actor, found),
    }
    return render(request, "webhooks/webhook.html", context)


@member_view("manage_webhooks")
def webhook_message(request: HttpRequest, pk: int) -> HttpResponse:
    """One message with its body and every attempt."""
    found = fetch(request.actor, Message.objects.select_related("endpoint"), pk)  # type: ignore[attr-defined]
    context = {
        "title": found.type,
        "object": found,
        "section": _("Webhooks"),
        "status_label": found.get_state_display(),
        "status_tone": TONES[found.state],
        "breadcrumb": _crumbs(found.endpoint),
        "calls": list(found.calls.order_by("-pk")[:SHOWN]),
    }
    return render(request, "webhooks/message.html", context)


@require_POST
@member_view("show_webhook_secret")
def show_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """The secret in use, on this one answer and never again."""
    actor = request.actor  # type: ignore[attr-defined]
    found = fetch(actor, Endpoint, pk)
    try:
        secret = show_webhook_secret(actor=actor, endpoint=found)
    except Refused as refused:
        messages.error(request, str(refused.blocker.message))
        return HttpResponseRedirect(found.get_absolute_url())
    context = {
        "title": _("Secret of %(name)s") % {"name": found.name}, "section": _("Webhooks"), "object": found,
        "breadcrumb": _crumbs(found), "secret": secret,
    }  # fmt: skip
    response = render(request, "webhooks/secret.html", context)
    response["Cache-Control"] = "no-store"
    return response
