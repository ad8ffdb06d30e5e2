from django.apps import AppConfig


class WriteoffsConfig(AppConfig):
    name = "receivables.writeoffs"
    label = "writeoffs"
