from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How billing's events read in a history.
WORDS = {
    "create_load": _("Load created"),
    "edit_load": _("Load changed"),
    "add_accessorial": _("Accessorial added"),
    "change_accessorial": _("Accessorial changed"),
    "remove_accessorial": _("Accessorial removed"),
    "generate_invoice": _("Invoice generated"),
    "regenerate_invoice": _("Invoice regenerated"),
    "reissue_invoice": _("Invoice reissued"),
    "void_invoice": _("Invoice voided"),
    "generate_summary_invoice": _("Summary invoice generated"),
    "change_summary_loads": _("Loads of the summary invoice changed"),
    "split_by_load": _("Payment split by load"),
    "schedule_summary_invoices": _("Schedule of summary invoices changed"),
    "run_summary_schedule": _("Summary invoices made by schedule"),
    "supersede_request": _("Request replaced by a change"),
}


class BillingConfig(AppConfig):
    name = "receivables.billing"
    label = "billing"

    def ready(self) -> None:
        from receivables.approvals.moved import watch
        from receivables.approvals.reasons import register_reasons
        from receivables.billing.actions import register
        from receivables.billing.credit_notes import ready as credit_notes
        from receivables.billing.delivery import ready as delivery
        from receivables.billing.einvoice import ready as einvoice
        from receivables.billing.importing import ready as importing
        from receivables.billing.operations.accessorials import release_accessorial, shown_now
        from receivables.billing.queries import types_with_authority
        from receivables.billing.recurring import ready as recurring
        from receivables.billing.searching import search_invoices, search_loads
        from receivables.billing.summary import actions as summary
        from receivables.core import history
        from receivables.core.registry import reactions
        from receivables.core.search import register_search

        register()
        watch("add_accessorial", shown_now)
        register_reasons(types_with_authority)
        importing.register()
        einvoice.register()
        credit_notes.register()
        delivery.register()
        summary.register()
        recurring.register()
        history.WORDS.update(WORDS)
        register_search("loads", _("Loads"), search_loads)
        register_search("invoices", _("Invoices"), search_invoices)
        for decision in ("approve_request", "reject_request", "withdraw_request"):
            reactions.on(decision, release_accessorial)
