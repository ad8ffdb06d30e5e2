from django.urls import path

from receivables.core.views import action_urls
from receivables.writeoffs import views

urlpatterns = [
    path("write-offs/<int:pk>/", views.write_off, name="write_off"),
    *action_urls("writeoffs.writeoff", "write-offs"),
]
