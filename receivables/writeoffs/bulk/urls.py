from django.urls import path

from receivables.core.views import action_urls
from receivables.writeoffs.bulk.views import batches, choosing

urlpatterns = [
    path("debts/", choosing.DebtList.as_view(), name="debts_to_write_off"),
    path("plan/", choosing.PlanWriteOffs.as_view(), name="plan_write_offs"),
    path("batches/", batches.BatchList.as_view(), name="write_off_batches"),
    path("batches/<int:pk>/", batches.BatchPage.as_view(), name="write_off_batch"),
    *action_urls("writeoffs.writeoffbatch", "batches"),
]
