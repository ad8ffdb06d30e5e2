from django.urls import path

from receivables.core.views import action_urls
from receivables.integrations import views

urlpatterns = [
    path("error-transactions/", views.ErrorTransactions.as_view(), name="error_transactions"),
    path("error-transactions/retry/", views.retry_chosen, name="retry_deliveries"),
    path("error-transactions/<int:pk>/", views.delivery, name="delivery"),
    path("connections/<int:pk>/", views.connection, name="connection"),
    path("connections/<int:pk>/map-accounts/", views.save_mappings, name="map_accounts"),
    *action_urls("integrations.delivery", "error-transactions"),
    *action_urls("integrations.connection", "connections"),
]
