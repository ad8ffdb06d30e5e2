from django.urls import include, path

from receivables.core.views import action_urls
from receivables.writeoffs import views
from receivables.writeoffs.bankruptcy import views as bankruptcy
from receivables.writeoffs.register.views import RegisterView
from receivables.writeoffs.transfers import views as transfers

urlpatterns = [
    path("write-offs/", RegisterView.as_view(), name="write_offs"),
    path("write-offs/", include("receivables.writeoffs.bulk.urls")),
    path("write-offs/<int:pk>/", views.write_off, name="write_off"),
    path("accounts/<int:pk>/write-off-total/", views.write_off_total, name="write_off_total"),
    *action_urls("writeoffs.writeoff", "write-offs"),
    path("bankruptcies/<int:pk>/", bankruptcy.bankruptcy, name="bankruptcy"),
    *action_urls("writeoffs.bankruptcy", "bankruptcies"),
    path("debt-transfers/<int:pk>/", transfers.debt_transfer, name="debt_transfer"),
    *action_urls("writeoffs.debttransfer", "debt-transfers"),
]
