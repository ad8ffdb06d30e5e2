"""What the package makes known at start: its kind of job and the words of its events."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.importing.runs import run_job
from receivables.billing.importing.views import job_context
from receivables.core import jobs
from receivables.core.history import WORDS

KIND = "import_receivables"


def register() -> None:
    jobs.register(jobs.Kind(KIND, "import_receivables", run_job, "billing/import_result.html", job_context))
    WORDS.update(
        {
            "import_receivables": _("Receivables imported"),
            "import_invoice": _("Imported"),
            "import_customer": _("Imported"),
        }
    )
