from django.urls import path

from receivables.collections.unapplied.views import MoveView, UnassignView
from receivables.core.views import action_urls

urlpatterns = [
    path("assignments/<int:pk>/take-off/", UnassignView.as_view(), name="unassign_payment"),
    path("assignments/<int:pk>/move/", MoveView.as_view(), name="move_payment_assignment"),
    *action_urls("collections.refund", "refunds"),
]
