from django.urls import path

from receivables.core.views import action_urls
from receivables.integrations.incoming import views

urlpatterns = [
    path("incoming-changes/", views.IncomingChanges.as_view(), name="incoming_changes"),
    path("incoming-changes/<int:pk>/", views.incoming_change, name="incoming_change"),
    *action_urls("incoming.incomingchange", "incoming-changes"),
]
