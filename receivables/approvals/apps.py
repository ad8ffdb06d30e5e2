from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "receivables.approvals"
    label = "approvals"
