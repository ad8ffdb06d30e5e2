from django.urls import path

from receivables.core.views import action_urls
from receivables.credit_control.monitor import views

urlpatterns = [
    *action_urls("credit_control.dispute", "disputes"),
    path("worklist/", views.WorklistPage.as_view(), name="worklist"),
    path("worklist/reviews/", views.RunsPage.as_view(), name="monitor_runs"),
    path("worklist/reviews/new/", views.ReviewNowView.as_view(), name="run_debt_monitor"),
    path("worklist/reviews/<int:pk>/", views.RunPage.as_view(), name="monitor_run"),
    path("worklist/<int:pk>/", views.collection_process, name="collection_process"),
    path("reminders/<int:pk>/pdf/", views.reminder_file, name="reminder_pdf"),
    *action_urls("credit_control.collectionprocess", "worklist"),
    *action_urls("credit_control.reminder", "reminders"),
    *action_urls("credit_control.plan", "plans"),
]
