from django.urls import path

from receivables.approvals import views
from receivables.core.views import action_urls

urlpatterns = [
    path("approvals/", views.Inbox.as_view(), name="approvals"),
    path("approvals/approve-requests/", views.ApproveRequests.as_view(), name="approve_requests"),
    path("approvals/delegations/", views.Delegations.as_view(), name="delegations"),
    path("approvals/delegations/new/", views.DelegateApprovals.as_view(), name="delegate_approvals"),
    path("approvals/<int:pk>/", views.approval, name="approval"),
    *action_urls("approvals.approvalrequest", "approvals"),
    *action_urls("approvals.delegation", "delegations"),
]
