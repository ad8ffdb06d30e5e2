from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# How the events of collection read in a history.
WORDS = {
    "open_dispute": _("Dispute opened"),
    "resolve_dispute": _("Dispute closed"),
    "run_debt_monitor": _("Review of overdue debt begun"),
    "collection_started": _("Collection started"),
    "collection_raised": _("Collection raised"),
    "collection_ended": _("Collection ended"),
    "late_fee_refused": _("Late fee not charged"),
    "send_reminder": _("Reminder written"),
    "retry_reminder": _("Reminder tried again"),
    "reminder_sent": _("Reminder handed over"),
    "reminder_failed": _("Reminder not sent"),
    "sync_current": _("All that is owed is asked for"),
    "start_budget": _("Budget begun"),
    "start_arrangement": _("Payment arrangement begun"),
    "cancel_plan": _("Budget or arrangement cancelled"),
    "plan_asked": _("Instalment asked for"),
    "plan_ended": _("Budget or arrangement ended"),
    "reminder_uncertain": _("Uncertain whether the reminder went out"),
}

# What movements of an agreement without an entry are called.
KINDS = {
    "deferred": _("Charge deferred by the budget"),
    "arrangement": _("Debt put into an arrangement"),
    "instalment": _("Instalment asked for"),
    "sync": _("All that is owed is asked for"),
}


class CreditControlConfig(AppConfig):
    name = "receivables.credit_control"
    label = "credit_control"

    def ready(self) -> None:
        from receivables.billing.filters import add_invoice_status
        from receivables.core import history, jobs
        from receivables.core.registry import reactions
        from receivables.credit_control import actions, panels
        from receivables.credit_control.monitor import operations
        from receivables.credit_control.monitor import panels as monitor_panels
        from receivables.credit_control.monitor.setup import set_up_criteria
        from receivables.credit_control.plans import actions as plan_actions
        from receivables.credit_control.plans import advancing
        from receivables.credit_control.queries import DISPUTED
        from receivables.credit_control.reminders import actions as reminder_actions
        from receivables.customers import holds
        from receivables.ledger import words as ledger_words

        actions.register()
        panels.register()
        monitor_panels.register()
        reminder_actions.register()
        plan_actions.register()
        add_invoice_status("disputed", _("Disputed"), DISPUTED)
        jobs.register(
            jobs.Kind(operations.KIND, operations.KIND, operations.run_job, "credit_control/monitor_job.html")
        )
        reactions.on("create_organization", set_up_criteria)
        for bill in advancing.BILLS:
            reactions.on(bill, to_all=advancing.defer_bills)
        reactions.on("stop_agreement", advancing.end_at_stop)
        reactions.on("write_off_debt", advancing.end_at_write_off, to_all=advancing.end_at_write_offs)
        for filing in ("start_bankruptcy", "add_to_bankruptcy"):
            reactions.on(filing, advancing.end_at_write_off)
        holds.register(advancing.agreements_on_plan)
        for kind, words in KINDS.items():
            ledger_words.KINDS.setdefault(kind, words)
        history.WORDS.update(WORDS)
        history.LABELS.update({"step": _("Step")})
