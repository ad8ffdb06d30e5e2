from django.urls import include, path

from receivables.collections import views
from receivables.collections.assigning.views import PaymentOnAccount
from receivables.collections.attachments.actions import attachment
from receivables.collections.tax_relief.urls import urlpatterns as tax_relief_urls
from receivables.collections.unapplied.urls import urlpatterns as unapplied_urls
from receivables.collections.wizard.views import ShortPaymentView, evidence
from receivables.core.views import action_urls

urlpatterns = [
    path("payments/", views.PaymentList.as_view(), name="payments"),
    path("payments/new/", views.NewPayment.as_view(), name="new_payment"),
    path("payments/new/<int:pk>/", PaymentOnAccount.as_view(), name="payment_on_account"),
    path("payments/<int:pk>/", views.payment, name="payment"),
    path("loads/<int:pk>/resolve-short-payment/", ShortPaymentView.as_view(), name="resolve_short_payment"),
    path("loads/<int:pk>/resolve-short-payment/<slug:step>/", ShortPaymentView.as_view(), name="short_payment_step"),
    path("evidence/<int:pk>/", evidence, name="evidence"),
    *action_urls("collections.payment", "payments"),
    *action_urls("collections.resolution", "resolutions"),
    *action_urls("collections.recovery", "recoveries"),
    *action_urls("collections.bouncefee", "bounce-fees"),
    *action_urls("collections.payoff", "differences"),
    *action_urls("collections.smallexcess", "over-payments"),
    path("attachments/<int:pk>/", attachment, name="attachment"),
    *action_urls("collections.paymentattachment", "attachments"),
    *unapplied_urls,
    *tax_relief_urls,
    path("short-payments/", include("receivables.collections.short_payments.urls")),
]
