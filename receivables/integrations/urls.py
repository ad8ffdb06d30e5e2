from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from receivables.core.views import action_urls
from receivables.integrations import views
from receivables.integrations.granting import views as granting
from receivables.integrations.systems.qbd.views import introduce, web_connector

urlpatterns = [
    path("error-transactions/", views.ErrorTransactions.as_view(), name="error_transactions"),
    path("error-transactions/retry/", views.retry_chosen, name="retry_deliveries"),
    path("error-transactions/<int:pk>/", views.delivery, name="delivery"),
    path("connections/<int:pk>/", views.connection, name="connection"),
    path("connections/<int:pk>/map-accounts/", views.save_mappings, name="map_accounts"),
    path("connections/<int:pk>/web-connector.qwc", introduce, name="web_connector_file"),
    # It has no session of ours that another site could ride on: each call carries its password or its ticket.
    path("web-connector/", csrf_exempt(web_connector), name="web_connector"),
    path("connections/<int:pk>/connect-system/", granting.connect, name="connect_system"),
    path("connections/answer/", granting.connect_answer, name="connect_answer"),
    *action_urls("integrations.delivery", "error-transactions"),
    *action_urls("integrations.connection", "connections"),
]
