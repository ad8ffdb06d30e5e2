from django.urls import path

from receivables.collections.short_payments import pages, views
from receivables.core.views import action_urls

urlpatterns = [
    path("", views.ShortPayments.as_view(), name="short_payments"),
    path("resolve/", views.ResolveShortPayments.as_view(), name="resolve_short_payments"),
    path("batches/", pages.BatchList.as_view(), name="short_payment_batches"),
    path("batches/<int:pk>/", pages.BatchPage.as_view(), name="short_payment_batch"),
    *action_urls("collections.batchresolution", "batches"),
]
