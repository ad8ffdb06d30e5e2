"""The pages of an import: the file, its columns, what would happen, and what came of it."""

import csv
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from receivables.billing.importing.checking import Counts
from receivables.billing.importing.fields import FIELDS, Choices, guess
from receivables.billing.importing.forms import ColumnsForm, StartForm, UploadForm, choices_of
from receivables.billing.importing.models import ImportFile, ImportMapping
from receivables.billing.importing.runs import Understood, check, understand
from receivables.core.access import fetch
from receivables.core.exports import safe_text
from receivables.core.jobs import sentence, start_job
from receivables.core.models import Job
from receivables.core.money import NumberFormat, format_money
from receivables.core.uploads import UPLOAD_BYTES, Table
from receivables.core.views import FormView, member_view
from receivables.core.workbooks import open_table

VERB = "import_receivables"
PREVIEW_ROWS = 20_000  # what a page reads while somebody waits; the job reads everything
SHOWN_PROBLEMS = 100
KEPT_DAYS = 30


class ImportPage(FormView):
    """Upload a file; below it the organization's latest imports."""

    verb = VERB
    template = "billing/import_upload.html"
    form_class = UploadForm

    def context(self) -> dict[str, Any]:
        latest = Job.objects.of(self.request.actor).filter(kind=VERB).select_related("created_by").order_by("-id")[:8]
        return {
            "title": _("Import receivables"),
            "summary": _("Customers and open invoices from another system, with their own numbers."),
            "jobs": [(job, sentence(job)) for job in latest],
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        actor = self.request.actor
        content = data["file"].read()
        table = open_table(content, UPLOAD_BYTES)
        old = timezone.now() - timedelta(days=KEPT_DAYS)
        ImportFile.objects.of(actor).filter(created_at__lt=old).delete()
        file = ImportFile.objects.create(
            organization=actor.organization, name=data["file"].name[:200], content=content, created_by=actor.user,
            choices=remembered(actor, table).plain(),
        )  # fmt: skip
        return reverse("import_columns", args=[file.pk]), ""


def remembered(actor: Any, table: Table) -> Choices:
    """How a file with these headings was read last time, else what its headings suggest."""
    kept = ImportMapping.objects.of(actor).filter(fingerprint=table.fingerprint).first()
    if kept is not None:
        choices = Choices.of({**kept.choices, "as_of": ""})
        if choices.ready_for(table):
            return choices
    return guess(table)


class FileView(FormView):
    """A page about one uploaded file of the organization."""

    verb = VERB

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.file = fetch(request.actor, ImportFile, kwargs["pk"], VERB)
        self.table = open_table(bytes(self.file.content), UPLOAD_BYTES)
        self.choices = Choices.of(self.file.choices)
        return super().dispatch(request, *args, **kwargs)

    def context(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "section": _("Import"),
            "breadcrumb": [{"label": _("Import"), "url": reverse(VERB)}],
            "cancel_url": reverse(VERB),
        }


class ColumnsView(FileView):
    """What each column means; remembered for the next file with the same headings."""

    template = "billing/import_columns.html"
    form_class = ColumnsForm

    def form_kwargs(self) -> dict[str, Any]:
        return {"actor": self.request.actor, "table": self.table, "choices": self.choices}

    def context(self) -> dict[str, Any]:
        width = len(self.table.headings)
        return {
            **super().context(),
            "title": _("What the columns mean"),
            "summary": self.file.name,
            "headings": self.table.headings,
            "sample": [[*map(str, cells), *[""] * (width - len(cells))] for _line, cells in self.table.sample(4)],
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        self.file.choices = choices_of(data).plain()
        self.file.save(update_fields=["choices"])
        ImportMapping.objects.update_or_create(
            organization=self.request.actor.organization, fingerprint=self.table.fingerprint,
            defaults={"name": self.file.name, "choices": self.file.choices, "used_at": timezone.now()},
        )  # fmt: skip
        return reverse("import_preview", args=[self.file.pk]), ""


class PreviewView(FileView):
    """What would happen, row by row and in sums; then all or nothing, or the good rows only."""

    template = "billing/import_preview.html"
    form_class = StartForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.found: tuple[Understood, Counts] | None = None
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.choices.ready_for(self.table):
            return HttpResponseRedirect(reverse("import_columns", args=[self.file.pk]))
        return super().get(request, *args, **kwargs)

    def look(self) -> tuple[Understood, Counts]:
        if self.found is None:
            understood = understand(self.request.actor, self.table, self.choices, PREVIEW_ROWS)
            self.found = understood, check(self.request.actor, understood, self.choices)
        return self.found

    def form_kwargs(self) -> dict[str, Any]:
        wrong = self.look()[1].wrong if self.request.method == "GET" else 1
        return {"actor": self.request.actor, "wrong": wrong}

    def context(self) -> dict[str, Any]:
        actor = self.request.actor
        understood, counts = self.look()
        named = set(self.choices.columns.values())
        return {
            **super().context(),
            "title": _("Check before importing"),
            "summary": self.file.name,
            "figures": figures(actor, counts),
            "cut": PREVIEW_ROWS if understood.cut else 0,
            "rows": understood.rows[:10],
            "problems": understood.problems[:SHOWN_PROBLEMS],
            "problem_count": len(understood.problems),
            "more_problems": max(0, len(understood.problems) - SHOWN_PROBLEMS),
            "notes": understood.notes[:SHOWN_PROBLEMS],
            "note_count": len({note.line for note in understood.notes}),
            "unused": [heading for heading in self.table.headings if heading not in named],
            "meaning": [
                (each.label, self.choices.columns[each.name]) for each in FIELDS if each.name in self.choices.columns
            ],
            "columns_url": reverse("import_columns", args=[self.file.pk]),
            "problems_url": reverse("import_problems", args=[self.file.pk]),
            "submit_label": start_label(counts),
        }

    def run(self, data: dict[str, Any]) -> tuple[str, str]:
        job = start_job(
            self.request.actor, VERB, _("Import of %(file)s") % {"file": self.file.name},
            {"file": self.file.pk, "good_rows_only": data["mode"] == "good"},
        )  # fmt: skip
        return job.get_absolute_url(), ""


def start_label(counts: Counts) -> str:
    """What the button does; with wrong rows that depends on what was chosen above it."""
    if counts.wrong:
        return _("Import")
    return ngettext("Import %(n)s invoice", "Import %(n)s invoices", counts.new) % {"n": f"{counts.new:,}"}


def figures(actor: Any, counts: Counts) -> list[dict[str, Any]]:
    """The counts of an import as the boxes at the top of its pages."""
    fmt = NumberFormat.of(actor.organization, actor.user)
    boxes = [
        {"label": _("Rows"), "value": f"{counts.rows:,}"},
        {"label": _("New invoices"), "value": f"{counts.new:,}"},
        {"label": _("New customers"), "value": f"{counts.new_customers:,}"},
        {"label": _("Already there"), "value": f"{counts.already_there:,}"},
        {"label": _("Wrong rows"), "value": f"{counts.wrong:,}", "tone": "danger" if counts.wrong else ""},
    ]
    if counts.settled or counts.later:
        boxes.append({"label": _("Not open on the day"), "value": f"{counts.settled + counts.later:,}"})
    for currency, total in sorted(counts.totals.items()):
        boxes.append({"label": _("Sum of new invoices"), "value": format_money(total, currency, fmt), "unit": currency})
    return boxes


def job_context(actor: Any, job: Job) -> dict[str, Any]:
    """What the page of an import's job shows of its result."""
    if "problems" not in job.result:
        return {"figures": figures(actor, Counts.of(job.result.get("counts", {})))}
    file = ImportFile.objects.of(actor).filter(pk=job.parameters.get("file")).only("problems", "name").first()
    kept = file.problems if file is not None else {}
    problems = kept.get("problems", []) if job.result["problems"] else []
    counts = Counts.of(job.result["counts"])
    if job.state != Job.State.DONE:
        counts = Counts(rows=counts.rows, wrong=counts.wrong)  # what would have been new is not
    return {
        "figures": figures(actor, counts),
        "problems": [
            dict(zip(("line", "column", "value", "reason"), each, strict=True)) for each in problems[:SHOWN_PROBLEMS]
        ],
        "problem_count": job.result["problems"],
        "more_problems": max(0, job.result["problems"] - SHOWN_PROBLEMS),
        "problems_url": reverse("import_problems", args=[file.pk]) if file is not None and problems else "",
        "preview_url": reverse("import_preview", args=[file.pk]) if file is not None else "",
        "nothing": job.state != Job.State.DONE,
    }


@member_view(VERB)
def import_problems(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is wrong with the file as CSV, safe for spreadsheets."""
    file = fetch(request.actor, ImportFile, pk, VERB)
    problems = (file.problems or {}).get("problems") or _problems_of(request.actor, file)
    response = HttpResponse("\ufeff", content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="import-problems.csv"'
    writer = csv.writer(response)
    writer.writerow([_("Row"), _("Column"), _("Value"), _("What is wrong")])
    for line, *texts in problems:
        writer.writerow([line, *(safe_text(text) for text in texts)])
    return response


def _problems_of(actor: Any, file: ImportFile) -> list[Any]:
    choices = Choices.of(file.choices)
    understood = understand(actor, open_table(bytes(file.content), UPLOAD_BYTES), choices)
    check(actor, understood, choices)
    return list(understood.problems)
