from django.urls import include, path

from receivables.billing.views import create, home, invoice, lists, load
from receivables.core.views import action_urls

urlpatterns = [
    path("", home.home, name="home"),
    path("loads/", lists.LoadsView.as_view(), name="loads"),
    path("loads/new/", create.CreateLoadView.as_view(), name="create_load"),
    path("loads/<int:pk>/", load.load, name="load"),
    path("invoices/", lists.InvoicesView.as_view(), name="invoices"),
    path("invoices/<int:pk>/", invoice.invoice, name="invoice"),
    path("invoices/<int:pk>/revisions/", invoice.invoice_revisions, name="invoice_revisions"),
    path("invoices/<int:pk>/revisions/<int:number>/pdf/", invoice.revision_pdf, name="revision_pdf"),
    path("", include("receivables.billing.einvoice.urls")),
    path("", include("receivables.billing.credit_notes.urls")),
    path("", include("receivables.billing.importing.urls")),
    path("", include("receivables.billing.delivery.urls")),
    path("", include("receivables.billing.summary.urls")),
    path("", include("receivables.billing.recurring.urls")),
    *action_urls("billing.load", "loads"),
    *action_urls("billing.invoice", "invoices"),
    *action_urls("billing.accessorial", "accessorials"),
]
