"""What an organization says about itself on an e-invoice: where it is paid, how it is reached, which tax it owes."""

import re

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from stdnum import iban
from stdnum.exceptions import ValidationError as WrongNumber

from receivables.core.countries import country_code

# The schemes of electronic addresses that EN 16931 knows (code list EAS, as of the rules in use).
_LISTED = """
0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0147 0151 0154 0158 0170 0177 0183 0184 0188 0190 0191 0192
0193 0194 0195 0196 0198 0199 0200 0201 0202 0203 0204 0205 0208 0209 0210 0211 0212 0213 0215 0216 0217 0218 0219 0220
0221 0225 0230 0235 0240 0242 0244 0245 0246 0248 9910 9913 9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928
9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952
9953 9957 9959 AN AQ AS AU EM
"""
ADDRESS_SCHEMES = frozenset(_LISTED.split())
LOOKS_LIKE_IBAN = re.compile(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{6,}")
BIC = re.compile(r"[A-Z]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?")
FIELDS = (
    "registration_number", "bank_account", "bic", "bank_account_name", "contact_name", "contact_phone", "contact_email",
    "electronic_address", "electronic_address_scheme", "untaxed_category", "untaxed_reason",
)  # fmt: skip


class Untaxed(models.TextChoices):
    """What lines without a tax code are in the eyes of the tax office (UNCL 5305)."""

    OUTSIDE = "O", _("Not subject to tax")
    EXEMPT = "E", _("Exempt from tax")
    ZERO = "Z", _("Taxed at 0 %")


def validate_country(code: str) -> None:
    """Raise ValidationError unless it is a country's code as ISO 3166 writes it."""
    if country_code(code) != code:
        raise ValidationError(_("Enter the two letters of a country, such as US, GB or DE."))


def validate_bank_account(text: str) -> None:
    """Raise ValidationError for what looks like an IBAN and is none: a digit is wrong or missing."""
    plain = compact(text)
    if not LOOKS_LIKE_IBAN.fullmatch(plain):
        return
    try:
        iban.validate(plain)
    except WrongNumber:
        raise ValidationError(
            _("This IBAN is not right: its check digits don't fit. Compare it digit by digit.")
        ) from None


def validate_bic(text: str) -> None:
    """Raise ValidationError unless it has the shape of a BIC."""
    if not BIC.fullmatch(compact(text)):
        raise ValidationError(_("A BIC has 8 or 11 letters and digits, such as DEUTDEFF or DEUTDEFF500."))


def validate_address_scheme(code: str) -> None:
    """Raise ValidationError unless the scheme is on EN 16931's list."""
    if code not in ADDRESS_SCHEMES:
        raise ValidationError(
            _("Not on the list of schemes. EM is an e-mail address, 0088 a GLN, 9930 a German VAT number.")
        )


def compact(text: str) -> str:
    """A number without the blanks that people write into it, in capitals."""
    return "".join(text.split()).upper()


def electronic_address_problem(address: str, scheme: str) -> dict[str, object]:
    """An electronic address and its scheme come together; the field that lacks, with what to do."""
    if address and not scheme:
        return {"electronic_address_scheme": _("Say what kind of address it is: EM for e-mail, 0088 for a GLN.")}
    if scheme and not address:
        return {"electronic_address": _("Enter the address as well, or leave both empty.")}
    return {}
