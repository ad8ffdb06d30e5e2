from django.urls import path

from receivables.billing.summary import views

urlpatterns = [
    path("loads/summary-invoice/", views.GenerateSummaryView.as_view(), name="generate_summary_invoice"),
    path("invoices/splits/<int:pk>/", views.SplitView.as_view(), name="split_by_load"),
]
