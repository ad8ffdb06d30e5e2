from django.urls import path

from receivables.core.views import action_urls
from receivables.integrations.webhooks import views

urlpatterns = [
    path("webhooks/", views.Webhooks.as_view(), name="webhooks"),
    path("webhooks/<int:pk>/", views.webhook, name="webhook"),
    path("webhooks/<int:pk>/show-webhook-secret/", views.show_secret, name="show_webhook_secret"),
    path("webhooks/messages/<int:pk>/", views.webhook_message, name="webhook_message"),
    *action_urls("webhooks.endpoint", "webhooks"),
    *action_urls("webhooks.message", "webhooks/messages"),
]
