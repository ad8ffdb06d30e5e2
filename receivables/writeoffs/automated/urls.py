from django.urls import path

from receivables.core.views import action_urls
from receivables.writeoffs.automated import views

urlpatterns = [
    path("write-off-processes/", views.ProcessesPage.as_view(), name="write_off_processes"),
    path("write-off-processes/to-dos/", views.ToDosPage.as_view(), name="write_off_to_dos"),
    path("write-off-processes/runs/", views.AutomatedRunsPage.as_view(), name="automated_runs"),
    path("write-off-processes/runs/monitor/", views.MonitorNowView.as_view(), name="run_write_off_monitor"),
    path("write-off-processes/runs/activator/", views.ActivatorNowView.as_view(), name="run_write_off_activator"),
    path("write-off-processes/runs/<int:pk>/", views.AutomatedRunPage.as_view(), name="automated_run"),
    path("write-off-processes/<int:pk>/", views.write_off_process, name="write_off_process"),
    path("write-off-processes/letters/<int:pk>/pdf/", views.write_off_letter, name="write_off_letter"),
    *action_urls("automated.writeoffprocess", "write-off-processes"),
    *action_urls("automated.processevent", "write-off-processes/events"),
    *action_urls("automated.writedown", "write-downs"),
]
