"""Error Transactions, one delivery with every call, and a connection with what is not mapped yet."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from receivables.core.access import fetch
from receivables.core.errors import Refused
from receivables.core.forms import key_of
from receivables.core.history import timeline
from receivables.core.idempotency import post_once
from receivables.core.listing import ListPage
from receivables.core.views import member_view
from receivables.integrations.granting.operations import grant_of, is_connected
from receivables.integrations.incoming.models import Watch
from receivables.integrations.models import Connection, Delivery, System
from receivables.integrations.operations import map_accounts, retry_deliveries
from receivables.integrations.queries import OPEN, address_of, document_of, local_keys
from receivables.integrations.registry import missing_settings
from receivables.integrations.systems.qbd.connection import user_name
from receivables.integrations.systems.qbd.visits import last_visit
from receivables.integrations.tables import TONES, DeliveryFilter, DeliveryTable

State = Delivery.State
SHOWN_CALLS = 50


class ErrorTransactions(ListPage):
    """What did not reach an accounting system, and why; what waits, and what was resolved."""

    verb = "view_error_transactions"
    title = gettext_lazy("Error Transactions")
    summary = gettext_lazy("What an accounting system refused, what waits, and what was delivered.")
    table_class = DeliveryTable
    filter_class = DeliveryFilter
    sorts = {"changed": "changed_at", "amount": "amount"}
    default_sort = "-changed"
    empty = {
        "title": gettext_lazy("Nothing failed."),
        "text": gettext_lazy("What an accounting system refuses is listed here with what to do about it."),
        "icon": "check2-circle",
        "actions": [],
    }
    TABS: dict[str, tuple[Any, list[str]]] = {
        "": (gettext_lazy("Failed"), list(OPEN)),
        "waiting": (gettext_lazy("Waiting"), [State.QUEUED, State.SENDING]),
        "held": (gettext_lazy("Held"), [State.HELD]),
        "resolved": (gettext_lazy("Resolved"), [State.SYNCED, State.IGNORED]),
    }

    @property
    def tab(self) -> str:
        wanted = self.request.GET.get("view", "")
        return wanted if wanted in self.TABS else ""

    def queryset(self) -> QuerySet[Delivery]:
        rows = Delivery.objects.of(self.request.actor).select_related("connection", "customer")
        return rows.filter(state__in=self.TABS[self.tab][1])

    def bulk_actions(self) -> list[dict[str, Any]]:
        if self.tab in ("waiting", "resolved") or not self.request.actor.can("retry_deliveries"):
            return []
        return [{"label": _("Retry"), "url": reverse("retry_deliveries"), "style": "primary"}]

    def page_actions(self) -> list[dict[str, Any]]:
        found = [{"label": _("Changes over there"), "url": reverse("incoming_changes"), "icon": "arrow-repeat"}]
        if self.request.actor.can("manage_webhooks"):
            found.append({"label": _("Webhooks"), "url": reverse("webhooks"), "icon": "box-arrow-right"})
        return found

    def extra_context(self) -> dict[str, Any]:
        tabs = [
            {"label": label, "url": self._url(view=name), "active": name == self.tab}
            for name, (label, _states) in self.TABS.items()
        ]
        kept = [(key, self.request.GET[key]) for key in ("sort", "view") if self.request.GET.get(key)]
        return {"views": tabs, "kept_parameters": kept}


@member_view("view_error_transactions")
def delivery(request: HttpRequest, pk: int) -> HttpResponse:
    """One document on one connection: what was sent, what came back, what to do."""
    found = fetch(request.actor, Delivery.objects.select_related("connection", "customer"), pk)
    document = document_of(found)
    context = {
        "title": found.reference or found.get_kind_display(),
        "object": found,
        "status_label": found.get_state_display(),
        "status_tone": TONES[found.state],
        "breadcrumb": [{"label": _("Error Transactions"), "url": reverse("error_transactions")}],
        "document": document,
        "document_url": address_of(document) if document else "",
        "calls": list(found.calls.order_by("-pk")[:SHOWN_CALLS]),
        "fix_url": _fix_url(found, request.actor),
        "history": timeline(request.actor, found),
    }
    return render(request, "integrations/delivery.html", context)


def _fix_url(found: Delivery, actor: Any) -> str:
    """Where what is wrong can be put right on this side."""
    if found.fix == "customer" and actor.can("link_customers"):
        return reverse("link_customers", args=[found.connection_id])
    return reverse("connection", args=[found.connection_id]) if found.fix in ("mapping", "connection") else ""


@member_view("view_error_transactions")
def connection(request: HttpRequest, pk: int) -> HttpResponse:
    """A connection: how it stands, and what of ours has no counterpart there yet, before anything fails for it."""
    found = fetch(request.actor, Connection, pk)
    keys = local_keys(request.actor, found)
    counts = {state: found.deliveries.filter(state=state).count() for state in State.values}
    context = {
        "title": found.name,
        "object": found,
        "status_label": found.get_state_display(),
        "status_tone": {"live": "success", "paused": "warning", "broken": "danger"}[found.state],
        "breadcrumb": [{"label": _("Error Transactions"), "url": reverse("error_transactions")}],
        "keys": keys,
        "connects": grant_of(found) is not None,
        "connected": is_connected(found),
        "may_connect": request.actor.can("connect_system"),
        "unmapped": sum(1 for key in keys if not key.remote_id),
        "may_map": request.actor.can("map_accounts"),
        "may_link": request.actor.can("link_customers"),
        "counts": [(State(state).label, count) for state, count in counts.items() if count],
        "history": timeline(request.actor, found),
        "missing": [each.label for each in missing_settings(found)],
        "unseen": Watch.objects.filter(connection=found).exclude(problem="").values_list("problem", flat=True).first(),
        "settings_url": _settings_of(request.actor, found),
        **_connector(request.actor, found),
    }
    return render(request, "integrations/connection.html", context)


def _settings_of(actor: Any, found: Connection) -> str:
    url = reverse("admin:integrations_connection_change", args=[found.pk])
    return url if actor.can("manage_connections") else ""


def _connector(actor: Any, found: Connection) -> dict[str, Any]:
    """For a connection whose program over there visits us: its name, the file that introduces us, its last visit."""
    if found.system != System.QUICKBOOKS_DESKTOP:
        return {}
    file = reverse("web_connector_file", args=[found.pk]) if actor.can("manage_connections") else ""
    return {"connector_user": user_name(found), "connector_file": file, "visit": last_visit(found)}


@require_POST
@member_view("map_accounts")
def save_mappings(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the table of mappings of a connection."""
    found = fetch(request.actor, Connection, pk, "map_accounts")
    values = {name[4:]: value for name, value in request.POST.items() if name.startswith("map:")}

    def work() -> tuple[str, str]:
        changed = map_accounts(actor=request.actor, connection=found, values=values)
        said = ngettext("%(n)s mapping was changed.", "%(n)s mappings were changed.", changed) % {"n": changed}
        return reverse("connection", args=[found.pk]), said

    return _done(request, work, reverse("connection", args=[found.pk]))


@require_POST
@member_view("retry_deliveries")
def retry_chosen(request: HttpRequest) -> HttpResponse:
    """Try the chosen rows of the list again."""
    sent = map(key_of, request.POST.getlist("selected"))
    chosen = [key for key in sent if key is not None][:1000]

    def work() -> tuple[str, str]:
        count = retry_deliveries(actor=request.actor, deliveries=chosen)
        said = ngettext("%(n)s transaction is tried again.", "%(n)s transactions are tried again.", count)
        return reverse("error_transactions"), said % {"n": count}

    return _done(request, work, reverse("error_transactions"))


def _done(request: HttpRequest, work: Any, back: str) -> HttpResponse:
    try:
        return post_once(request, work)
    except Refused as refused:
        messages.error(request, str(refused.blocker.message))
        return HttpResponseRedirect(back)
