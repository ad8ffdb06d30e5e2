"""What the application may do with the tables of customers beyond adding and looking."""

from receivables.core.grants import Grant

SETTINGS = "settings are edited in the Django admin; every change is kept"

GRANTS = {
    "customers_paymentterms": Grant(SETTINGS, update="all"),
    "customers_division": Grant(SETTINGS, update="all"),
    "customers_debtclass": Grant(SETTINGS, update="all"),
    "customers_writeoffdebtclass": Grant(SETTINGS, update="all"),
    "customers_collectionclass": Grant(SETTINGS, update="all"),
    "customers_agreementtype": Grant(SETTINGS, update="all"),
    "customers_customer": Grant("master data is edited; every change is an event", update="all"),
    "customers_account": Grant(
        "master data is edited; it is the row that every money operation locks",
        update=("name", "collection_class_id", "postpone_until", "alert", "version"),
    ),
    "customers_agreement": Grant(
        "agreements are stopped and restarted; their balances move by triggers only",
        update=("state", "start_date", "stop_date", "awaits_final_bill", "version"),
    ),
}
