from django.urls import path

from receivables.billing.delivery import bulk
from receivables.core.views import action_urls

urlpatterns = [
    path("invoices/send/", bulk.SendInvoicesView.as_view(), name="send_invoices"),
    *action_urls("billing.dispatch", "dispatches"),
]
