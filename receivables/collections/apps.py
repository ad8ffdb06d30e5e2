from django.apps import AppConfig


class CollectionsConfig(AppConfig):
    name = "receivables.collections"
    label = "collections"
