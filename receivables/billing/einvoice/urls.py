from django.urls import path

from receivables.billing.einvoice import views

urlpatterns = [
    path("einvoices/<int:pk>/", views.einvoice_file, name="einvoice_file"),
    path("invoices/einvoices/", views.ExportManyView.as_view(), name="export_einvoices"),
    path("invoices/einvoices.zip", views.einvoices_zip, name="einvoices_zip"),
]
