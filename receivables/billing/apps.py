from django.apps import AppConfig


class BillingConfig(AppConfig):
    name = "receivables.billing"
    label = "billing"
