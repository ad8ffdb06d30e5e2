from django.urls import path

from receivables.ledger import views

urlpatterns = [
    path("items/<int:pk>/", views.open_item, name="open_item"),
]
