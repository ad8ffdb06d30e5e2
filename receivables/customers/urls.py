from django.urls import path

from receivables.core.views import action_urls
from receivables.customers import views

urlpatterns = [
    path("customers/new/", views.CreateCustomerView.as_view(), name="create_customer"),
    path("agreements/dates/", views.AgreementDatesView.as_view(), name="run_agreement_dates"),
    *action_urls("customers.customer", "customers"),
    *action_urls("customers.account", "accounts"),
    *action_urls("customers.agreement", "agreements"),
]
