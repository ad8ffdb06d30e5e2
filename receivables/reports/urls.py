from django.urls import path

from receivables.reports import views
from receivables.reports.ageing.views import ageing, ageing_of_customer

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/ageing/", ageing, name="ageing"),
    path("reports/ageing/<int:pk>/", ageing_of_customer, name="ageing_of_customer"),
    path("reports/pay-offs/", views.PayOffReport.as_view(), name="pay_off_report"),
    path("reports/over-payments/", views.ExcessReport.as_view(), name="excess_report"),
    path("reports/just-under-the-limit/", views.Repeaters.as_view(), name="pay_off_repeaters"),
    path("reports/bad-debt/", views.BadDebtReport.as_view(), name="bad_debt_report"),
]
