from django.urls import path

from receivables.collections.tax_relief.views import Worksheet, tax_relief_claim
from receivables.core.views import action_urls

urlpatterns = [
    path("tax-relief/", Worksheet.as_view(), name="claim_tax_relief"),
    path("tax-relief/claims/<int:pk>/", tax_relief_claim, name="tax_relief_claim"),
    *action_urls("collections.taxrelief", "tax-relief"),
]
