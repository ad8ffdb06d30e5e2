from django.urls import path

from receivables.core import job_views, search
from receivables.core.views import action_urls

urlpatterns = [
    path("search/", search.search, name="search"),
    path("jobs/", job_views.JobList.as_view(), name="jobs"),
    path("jobs/<int:pk>/", job_views.JobPage.as_view(), name="job"),
    path("jobs/<int:pk>/progress/", job_views.job_progress, name="job_progress"),
    *action_urls("core.job", "jobs"),
]
