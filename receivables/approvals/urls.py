from django.urls import path

from receivables.approvals import views
from receivables.core.views import action_urls

urlpatterns = [
    path("approvals/", views.Inbox.as_view(), name="approvals"),
    path("approvals/<int:pk>/", views.approval, name="approval"),
    *action_urls("approvals.approvalrequest", "approvals"),
]
