from django.urls import include, path

from receivables.core.views import action_urls
from receivables.ledger.views import accounts, books, customers, items, periods

urlpatterns = [
    path("customers/", customers.CustomersView.as_view(), name="customers"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("accounts/<int:pk>/", accounts.account, name="account"),
    path("accounts/<int:pk>/ledger/", accounts.account_ledger, name="account_ledger"),
    path("agreements/<int:pk>/", accounts.agreement, name="agreement"),
    path("items/<int:pk>/", items.open_item, name="open_item"),
    path("ledger/", books.books, name="books"),
    path("ledger/journal/", books.JournalView.as_view(), name="journal"),
    path("ledger/entries/<int:pk>/", books.journal_entry, name="journal_entry"),
    path("ledger/accounts/<int:pk>/", books.gl_account, name="gl_account"),
    path("ledger/periods/", periods.periods, name="periods"),
    path("ledger/periods/close/", periods.CloseMonthView.as_view(), name="close_month"),
    *action_urls("ledger.period", "ledger/periods"),
    path("ledger/rates/", include("receivables.ledger.rates.urls")),
]
