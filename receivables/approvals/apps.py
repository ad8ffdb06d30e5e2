from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApprovalsConfig(AppConfig):
    name = "receivables.approvals"
    label = "approvals"

    def ready(self) -> None:
        from receivables.approvals import actions, queries
        from receivables.core import history, navigation

        actions.register()
        navigation.register_count("approvals", queries.waiting_count, overdue=queries.overdue_count)
        history.LABELS.update({"on_behalf_of": _("On behalf of"), "level": _("Decision")})
        history.WORDS.update(
            {
                "ask_approval": _("Approval asked for"),
                "approve_level": _("Approved; more decisions are needed"),
                "approve_request": _("Approved"),
                "reject_request": _("Rejected"),
                "withdraw_request": _("Request withdrawn"),
                "approve_requests": _("Approved with others"),
                "ask_back": _("Asked back"),
                "answer_question": _("Answered"),
                "delegate_approvals": _("Approvals delegated"),
                "end_delegation": _("Delegation ended"),
                "supersede_request": _("Request withdrawn: what it asked for has changed"),
            }
        )
