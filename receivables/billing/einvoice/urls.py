from django.urls import path

from receivables.billing.einvoice import views

urlpatterns = [path("einvoices/<int:pk>/", views.einvoice_file, name="einvoice_file")]
