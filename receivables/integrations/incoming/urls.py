from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from receivables.core.views import action_urls
from receivables.integrations.incoming import hearing, views

urlpatterns = [
    path("incoming-changes/", views.IncomingChanges.as_view(), name="incoming_changes"),
    path("incoming-changes/<int:pk>/", views.incoming_change, name="incoming_change"),
    # It has no session of ours that another site could ride on: each call carries its signature.
    path("quickbooks-online/changes/", csrf_exempt(hearing.quickbooks_online), name="quickbooks_online_changes"),
    *action_urls("incoming.incomingchange", "incoming-changes"),
]
