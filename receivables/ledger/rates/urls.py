from django.urls import path

from receivables.core.views import action_urls
from receivables.ledger.rates import views

urlpatterns = [
    path("", views.exchange_rates, name="exchange_rates"),
    path("history/", views.RateHistory.as_view(), name="exchange_rate_history"),
    path("add/", views.AddRate.as_view(), name="add_exchange_rate"),
    path("import/", views.ImportRates.as_view(), name="import_exchange_rates"),
    *action_urls("ledger.exchangerate", "of"),
]
