"""Who is who: our customers that a connection does not have yet beside those over there, with the reasons."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from receivables.core.access import fetch
from receivables.core.errors import Refused
from receivables.core.forms import key_of
from receivables.core.idempotency import post_once
from receivables.core.views import member_view
from receivables.integrations.linking.matching import Candidate
from receivables.integrations.linking.models import Counterpart, Directory
from receivables.integrations.linking.operations import NEW, link_customers
from receivables.integrations.linking.queries import Proposal, directory_of, mapping_proposals, proposals
from receivables.integrations.linking.reading import CUSTOMER
from receivables.integrations.models import Connection

SHOWN = 200
REASONS = {
    "number": gettext_lazy("same number"), "tax_id": gettext_lazy("same tax id"),
    "email": gettext_lazy("same e-mail address"), "name": gettext_lazy("same name"),
}  # fmt: skip
TONES = {"asked": "info", "done": "success", "failed": "danger"}


@member_view("link_customers")
def linking(request: HttpRequest, pk: int) -> HttpResponse:
    """The table of proposals; sent, it links what was chosen."""
    found = fetch(request.actor, Connection, pk, "link_customers")  # type: ignore[attr-defined]
    return _save(request, found) if request.method == "POST" else _page(request, found)


def _page(
    request: HttpRequest, found: Connection, *, errors: dict[int, str] | None = None, problem: str = ""
) -> HttpResponse:
    """The page, with what was typed and what is wrong with it, if it was refused."""
    rows = proposals(request.actor, found)  # type: ignore[attr-defined]
    directory = directory_of(found)
    context = {
        "title": _("Customers there already"), "section": found.name, "object": found, "problem": problem,
        "breadcrumb": [{"label": found.name, "url": found.get_absolute_url()}],
        "directory": directory, "tone": TONES[directory.state] if directory else "neutral",
        "looked": directory is not None and directory.looked_at is not None,
        "asked": directory is not None and directory.state == Directory.State.ASKED,
        "rows": [_row(each, request.POST, errors or {}) for each in rows[:SHOWN]], "new": NEW,
        "more": max(0, len(rows) - SHOWN),
        "counterparts": Counterpart.objects.filter(connection=found, what=CUSTOMER).count(),
        "mappings": [
            {"key": key, "theirs": best[0].theirs, "reason": _reason(best[0])}
            for key, best in mapping_proposals(request.actor, found)  # type: ignore[attr-defined]
        ],
        "may_map": request.actor.can("map_accounts"),  # type: ignore[attr-defined]
    }  # fmt: skip
    return render(request, "linking/linking.html", context, status=422 if errors or problem else 200)


def _row(row: Proposal, posted: Mapping[str, str], errors: dict[int, str]) -> dict[str, Any]:
    key = row.customer.pk
    options = [{"key": each.theirs.key, "label": _label(each)} for each in row.candidates]
    reason = _reason(row.candidates[0]) if row.candidates else ""
    return {
        "customer": row.customer, "options": options, "reason": reason,
        "chosen": posted.get(f"theirs:{key}", row.chosen), "typed": posted.get(f"other:{key}", ""),
        "error": errors.get(key, ""),
    }  # fmt: skip


def _label(candidate: Candidate) -> str:
    theirs = candidate.theirs
    told = [theirs.number if theirs.number != theirs.name else "", theirs.email, theirs.currency]
    more = ", ".join(each for each in told if each)
    return f"{theirs.name} ({more})" if more else theirs.name


def _reason(candidate: Candidate) -> str:
    return ", ".join(str(REASONS[each]) for each in candidate.reasons)


def _chosen(request: HttpRequest, connection: Connection) -> tuple[dict[int, str], dict[int, str]]:
    """What was chosen for each customer; and by customer, what was typed that is nobody over there."""
    chosen: dict[int, str] = {}
    errors: dict[int, str] = {}
    for name, text in request.POST.items():
        kind, _colon, digits = name.partition(":")
        pk, value = key_of(digits), text.strip()
        if pk is None or not value:
            continue
        if kind == "theirs":
            chosen.setdefault(pk, value)
        if kind == "other":
            chosen[pk] = _typed(connection, value)
            if not chosen[pk]:
                words = _("Nobody over there, or more than one, has this number or name: %(name)s.")
                errors[pk] = words % {"name": value}
    return chosen, errors


def _typed(connection: Connection, text: str) -> str:
    """The key of the one customer over there with this number, name or key; empty if there is none, or several."""
    rows = Counterpart.objects.filter(connection=connection, what=CUSTOMER)
    for field in ("number__iexact", "name__iexact", "key"):
        keys = list(rows.filter(**{field: text}).values_list("key", flat=True)[:2])
        if len(keys) == 1:
            return str(keys[0])
    return ""


def _save(request: HttpRequest, connection: Connection) -> HttpResponse:
    chosen, errors = _chosen(request, connection)
    if errors:
        return _page(request, connection, errors=errors)

    def work() -> tuple[str, str]:
        actor: Any = request.actor  # type: ignore[attr-defined]
        count = link_customers(actor=actor, connection=connection, choices=chosen)
        said = ngettext("%(n)s customer was decided.", "%(n)s customers were decided.", count) % {"n": count}
        return reverse("link_customers", args=[connection.pk]), said

    try:
        return post_once(request, work)
    except Refused as refused:
        return _page(request, connection, problem=str(refused.blocker.message))
