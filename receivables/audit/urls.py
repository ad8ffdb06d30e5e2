from django.urls import path

from receivables.audit import views

urlpatterns = [
    path("audits/", views.AuditsPage.as_view(), name="audits"),
    path("audits/new/", views.AuditNow.as_view(), name="audit_ledger"),
    path("audits/<int:pk>/", views.audit_run, name="audit_run"),
]
