from django.urls import path

from receivables.collections.short_payments.views import batches, worklist
from receivables.core.views import action_urls

urlpatterns = [
    path("", worklist.ShortPayments.as_view(), name="short_payments"),
    path("resolve/", worklist.ResolveShortPayments.as_view(), name="resolve_short_payments"),
    path("batches/", batches.BatchList.as_view(), name="short_payment_batches"),
    path("batches/<int:pk>/", batches.BatchPage.as_view(), name="short_payment_batch"),
    *action_urls("collections.batchresolution", "batches"),
]
