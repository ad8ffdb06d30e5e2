"""What the package makes known at start: words of its events, buttons, sections on pages, reactions, its job."""

from django.utils.translation import gettext_lazy as _

from receivables.billing.delivery import actions, bulk, panels
from receivables.billing.delivery.operations import send_when_generated
from receivables.billing.delivery.setup import set_up_mail_text
from receivables.core import history, jobs
from receivables.core.registry import reactions


def register() -> None:
    history.WORDS.update(
        {
            "send_invoice": _("Invoice sent"),
            "queue_invoice": _("Invoice e-mail queued"),
            "resend_invoice": _("Invoice e-mail queued again"),
            "dispatch_sent": _("Invoice e-mail handed over"),
            "dispatch_incomplete": _("Invoice e-mail refused for some recipients"),
            "dispatch_failed": _("Invoice e-mail not sent"),
            "dispatch_uncertain": _("Uncertain whether the invoice e-mail went out"),
            "retry_dispatch": _("Invoice e-mail retried"),
            "confirm_dispatch": _("Invoice e-mail confirmed as sent"),
            "note_bounce": _("Invoice e-mail came back"),
            "edit_delivery": _("Delivery of invoices changed"),
        }
    )
    history.LABELS.update({"method": _("Method"), "recipients": _("Recipients")})
    actions.register()
    panels.register()
    jobs.register(jobs.Kind(bulk.KIND, "send_invoice", bulk.run_job, "billing/sending_result.html", bulk.job_context))
    reactions.on("create_organization", set_up_mail_text)
    for generated in ("generate_invoice", "generate_summary_invoice"):
        reactions.on(generated, send_when_generated)
