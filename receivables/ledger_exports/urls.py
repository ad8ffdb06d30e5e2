from django.urls import path

from receivables.core.views import action_urls
from receivables.ledger_exports import views

urlpatterns = [
    path("ledger-exports/", views.LedgerExports.as_view(), name="ledger_exports"),
    path("ledger-exports/new/", views.NewExport.as_view(), name="export_ledger"),
    path("ledger-exports/<int:pk>/", views.ledger_export, name="ledger_export"),
    path("ledger-exports/<int:pk>/download-export/", views.Download.as_view(), name="download_export"),
    *action_urls("ledger_exports.ledgerexport", "ledger-exports"),
]
