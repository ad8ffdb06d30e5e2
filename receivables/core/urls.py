from django.urls import path

from receivables.core import search

urlpatterns = [
    path("search/", search.search, name="search"),
]
