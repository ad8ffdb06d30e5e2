"""The page of an invoice, what changed between its revisions, and its PDF."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from receivables.billing.documents import EngineMissing, TooLong, file_name, invoice_pdf, lines_of
from receivables.billing.models import Invoice, Load, Revision, RevisionLine
from receivables.billing.pages import EffectLine, facts_of, settled_as_loss, split_of, status_of
from receivables.billing.queries import with_documents
from receivables.billing.summary.pages import summary_context
from receivables.billing.views.load import notices, regenerate_reason, sent_state, state_of
from receivables.billing.views.shown import panels_of
from receivables.core.access import fetch
from receivables.core.history import timeline
from receivables.core.views import member_view
from receivables.ledger.models import JournalEntry
from receivables.ledger.queries import entries_of

SHOWN_LOADS = 50


def _invoice(request: Any, pk: int) -> Invoice:
    rows = Invoice.objects.select_related("account__customer", "agreement", "open_item")
    found = fetch(request.actor, rows, pk)
    found.organization = request.actor.organization
    return found


def _crumbs(invoice: Invoice | None = None) -> list[dict[str, Any]]:
    steps = [{"label": _("Invoices"), "url": reverse("invoices")}]
    return [*steps, {"label": invoice.number, "url": invoice.get_absolute_url()}] if invoice else steps


@member_view("view_receivables")
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """An invoice as it stands: current revision, split, entries, revisions."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    found = _invoice(request, pk)
    prefetch_related_objects([found], Prefetch("revisions", Revision.objects.order_by("-number")), "revisions__taxes")
    revisions = list(found.revisions.all())
    current = next(each for each in revisions if each.number == found.current_revision)
    split = split_of(found, current.price_concession, current.bad_debt, settled_as_loss(found.open_item))
    loads = list(with_documents(Load.objects.of(actor).filter(invoice=found)).order_by("pk")[:SHOWN_LOADS])
    context = {
        "title": _("Invoice %(number)s") % {"number": found.number},
        "section": _("Invoices"),
        "breadcrumb": _crumbs(),
        "crumb": found.number,
        "invoice": found,
        "revision": current,
        "lines": lines_of(found, current),
        "revisions": revisions,
        "split": split,
        "status": status_of(found, split, actor),
        "sent": sent_state(found, current),
        "loads": loads,
        "entries": [(entry, _sides(entry)) for entry in entries_of(actor, *revisions)],
        "payments": panels_of(request, found, "payments"),
        "marks": panels_of(request, found, "marks"),
        "asides": panels_of(request, found, "aside"),
        "sendings": panels_of(request, found, "sending"),
        "credits": panels_of(request, found, "credits"),
        "history": timeline(actor, found),
    }
    if found.summary:
        context.update(summary_context(found, current, actor))
    if len(loads) == 1 or (found.summary and loads):
        context.update(_single(found, loads[0], actor))
    return render(request, "billing/invoice.html", context)


def _sides(entry: JournalEntry) -> list[EffectLine]:
    """The lines of an entry, debits and credits apart."""
    return [
        EffectLine(
            str(line.gl_account), line.amount if line.amount > 0 else None, -line.amount if line.amount < 0 else None
        )
        for line in entry.lines.all()
    ]


def _single(invoice: Invoice, load: Load, actor: Any) -> dict[str, Any]:
    """An invoice over one load is dealt with on its own page as well; a summary invoice through its first load."""
    load.__dict__["_with_documents"] = True
    load.invoice = invoice
    facts = facts_of(load, actor)
    return {
        "load": load,
        "regenerate": regenerate_reason(facts, actor),
        "notices": notices(state_of(load, actor), facts),
    }


@dataclass(frozen=True)
class ComparedLine:
    """A line in the older and in the newer revision; None where it is not on one of them."""

    before: RevisionLine | None
    after: RevisionLine | None

    @property
    def change(self) -> str:
        """How the two differ: added, removed, changed or same."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        facts = ("description", "net", "tax", "total", "quantity", "rate", "tax_rate")
        same = all(getattr(self.before, name) == getattr(self.after, name) for name in facts)
        return "same" if same else "changed"

    @property
    def words(self) -> str:
        return {"added": _("Added"), "removed": _("Removed"), "changed": _("Changed")}.get(self.change, "")

    @property
    def tone(self) -> str:
        return {"added": "success", "removed": "danger", "changed": "warning"}.get(self.change, "neutral")


def compared(old: Revision, new: Revision) -> list[ComparedLine]:
    """Lines side by side: those of one accessorial (or the line haul of one load) with one tax belong together."""

    def keyed(revision: Revision) -> dict[tuple[Any, ...], RevisionLine]:
        lines: dict[tuple[Any, ...], RevisionLine] = {}
        for line in revision.lines.order_by("line_no"):
            key = (line.load_id, line.accessorial_id, line.tax_code_id if line.total < 0 else None)
            lines[(*key, sum(1 for known in lines if known[:3] == key))] = line
        return lines

    before, after = keyed(old), keyed(new)
    return [ComparedLine(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


@member_view("view_receivables")
def invoice_revisions(request: HttpRequest, pk: int) -> HttpResponse:
    """Two revisions of an invoice side by side."""
    found = _invoice(request, pk)
    revisions = {each.number: each for each in found.revisions.order_by("number").prefetch_related("taxes")}
    newest = found.current_revision
    new = revisions.get(_number(request.GET.get("to", ""), newest))
    old = revisions.get(_number(request.GET.get("from", ""), max((new.number if new else newest) - 1, 1)))
    if old is None or new is None:
        raise Http404
    context = {
        "title": _("What changed on %(number)s") % {"number": found.number},
        "section": _("Invoices"),
        "breadcrumb": _crumbs(found),
        "crumb": _("Revisions"),
        "invoice": found,
        "revisions": revisions.values(),
        "old": old,
        "new": new,
        "lines": compared(old, new),
        "taxes": _compared_taxes(old, new),
        "change": new.total - old.total,
    }
    return render(request, "billing/revisions.html", context)


def _compared_taxes(old: Revision, new: Revision) -> list[tuple[str, Decimal | None, Decimal | None]]:
    before = {tax.name: tax.tax for tax in old.taxes.all()}
    after = {tax.name: tax.tax for tax in new.taxes.all()}
    return [(name, before.get(name), after.get(name)) for name in dict.fromkeys([*before, *after])]


@member_view("view_receivables")
def revision_pdf(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The document of a revision, as it was issued."""
    found = _invoice(request, pk)
    revision = get_object_or_404(Revision.objects.filter(invoice=found), number=number)
    name = file_name(found, revision)
    return answer_pdf(request, lambda: invoice_pdf(found, revision), name, found.get_absolute_url())


def answer_pdf(request: HttpRequest, make: Callable[[], bytes], name: str, back: str) -> HttpResponse:
    """A document to look at, or a page that says why none can be made here."""
    try:
        content = make()
    except EngineMissing as missing:
        context = {"title": _("No PDF can be made here"), "packages": missing.packages, "back": back}
        return render(request, "billing/no_pdf.html", context, status=503)
    except TooLong as too_long:
        context = {"title": _("No PDF can be made here"), "lines": too_long.lines, "back": back}
        return render(request, "billing/no_pdf.html", context, status=422)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    response["Cache-Control"] = "private, no-cache"
    return response
