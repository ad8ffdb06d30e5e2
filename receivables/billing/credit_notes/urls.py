from django.urls import path

from receivables.billing.credit_notes import views
from receivables.core.views import action_urls

urlpatterns = [
    path("credit-notes/", views.CreditNotesView.as_view(), name="credit_notes"),
    path("credit-notes/<int:pk>/", views.credit_note, name="credit_note"),
    path("credit-notes/<int:pk>/pdf/", views.credit_note_file, name="credit_note_pdf"),
    path("accounts/<int:pk>/credit-note-total/", views.credit_note_total, name="credit_note_total"),
    *action_urls("billing.creditnote", "credit-notes"),
]
