from django.urls import path

from receivables.billing.recurring import views
from receivables.core.views import action_urls

urlpatterns = [
    path("billing-runs/", views.RunsPage.as_view(), name="billing_runs"),
    path("billing-runs/new/", views.RunBillingView.as_view(), name="run_billing"),
    path("billing-runs/<int:pk>/", views.RunPage.as_view(), name="billing_run"),
    *action_urls("billing.billingrun", "billing-runs"),
    *action_urls("billing.agreementcharge", "agreement-charges"),
]
