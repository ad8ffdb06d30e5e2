"""What a tax is in the eyes of the tax office, and what an e-invoice must say about it.

Source: EN 16931-1, business rules BR-S, BR-Z, BR-E, BR-AE, BR-IC, BR-G and BR-O; code lists UNCL 5305 and VATEX.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class TaxCategory(models.TextChoices):
    """UNCL 5305, as far as it is for everybody."""

    STANDARD = "S", _("Standard or reduced rate")
    ZERO = "Z", _("Taxed at 0 %")
    EXEMPT = "E", _("Exempt from tax")
    REVERSE_CHARGE = "AE", _("Reverse charge: the customer pays the tax")
    INTRA_COMMUNITY = "K", _("Delivery to another country of the European Union")
    EXPORT = "G", _("Export, tax not charged")
    OUTSIDE = "O", _("Not subject to tax")


# The sentence of a category that has no rate; an exemption has none of its own, since the paragraph differs.
REASONS = {
    TaxCategory.REVERSE_CHARGE: "Reverse charge",
    TaxCategory.INTRA_COMMUNITY: "Intra-community supply",
    TaxCategory.EXPORT: "Export outside the EU",
    TaxCategory.OUTSIDE: "Not subject to VAT",
}
REASON_CODES = {
    TaxCategory.REVERSE_CHARGE: "VATEX-EU-AE",
    TaxCategory.INTRA_COMMUNITY: "VATEX-EU-IC",
    TaxCategory.EXPORT: "VATEX-EU-G",
    TaxCategory.OUTSIDE: "VATEX-EU-O",
}
# These say no reason: the standard's rules forbid it.
WITHOUT_REASON = (TaxCategory.STANDARD, TaxCategory.ZERO)
# Both parties are known to a tax office by number, with the country in front for a delivery.
BUYER_NUMBER = (TaxCategory.REVERSE_CHARGE, TaxCategory.INTRA_COMMUNITY)
VAT_NUMBER = (TaxCategory.INTRA_COMMUNITY, TaxCategory.EXPORT)


def category_of(category: str, rate: object) -> str:
    """The category that is meant: a standard rate of 0 % is the category of its own."""
    return TaxCategory.ZERO if category == TaxCategory.STANDARD and not rate else category
