"""May this be exported, and if not, what is missing? In words and cheaply, before the schema and the official rules."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from receivables.billing.einvoice.categories import BUYER_NUMBER, VAT_NUMBER, WITHOUT_REASON, TaxCategory
from receivables.billing.einvoice.document import Document, Party
from receivables.billing.einvoice.ubl import MAX_DECIMALS
from receivables.billing.einvoice.validation import Finding
from receivables.core.errors import Blocker, Check

# What XML 1.0 can't hold in any form.
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Links:
    """Where what is missing can be entered."""

    organization: str = ""
    customer: str = ""
    tax_codes: str = ""


@dataclass(frozen=True)
class ExportFacts:
    """What the rule looks at; `document` as it would leave, None if there is nothing (more) to say."""

    number: str
    imported: bool = False
    voided: bool = False
    exported: bool = False
    number_left: bool = False
    document: Document | None = None
    links: Links = Links()


def number_left_blocker(*, number: str, left: bool) -> Blocker | None:
    """A number leaves once, whatever document has it: the customer's books know documents by their numbers."""
    if not left:
        return None
    message = _(
        "The number %(number)s has left already as the e-invoice of another document, so this one can't be exported. "
        "An Admin gives invoices, credit notes and corrections different prefixes for the numbers to come."
    )
    return Blocker("number_left", message % {"number": number})


def export_einvoice_blocker(facts: ExportFacts) -> Blocker | None:
    """An invoice of ours is exported once; afterwards only what changed, as a correction. A document is complete
    before it is made."""
    if facts.imported:
        message = _("Invoice %(number)s was issued by another system and imported: it is e-invoiced there.")
        return Blocker("imported", message % {"number": facts.number})
    if facts.voided and not facts.exported:
        message = _("Invoice %(number)s is void and was never exported: there is nothing to tell the customer.")
        return Blocker("void", message % {"number": facts.number})
    if facts.document is None:
        message = _("Invoice %(number)s was exported, and nothing that an e-invoice says has changed since.")
        return Blocker("already_exported", message % {"number": facts.number})
    return number_left_blocker(number=facts.number, left=facts.number_left) or as_blocker(
        problems(facts.document, facts.links)
    )


@dataclass(frozen=True)
class Credited:
    """An invoice that a credit note corrects, and whether the customer has it as an e-invoice."""

    number: str
    url: str = ""
    exported: bool = False
    imported: bool = False


@dataclass(frozen=True)
class CreditFacts:
    """What the rule looks at; `document` as it would leave, None if there is nothing (more) to say."""

    number: str
    invoices: Sequence[Credited] = ()
    bad_debt: bool = False
    reversed: bool = False
    exported: bool = False
    number_left: bool = False
    document: Document | None = None
    links: Links = Links()


def export_credit_note_blocker(facts: CreditFacts) -> Blocker | None:
    """A credit note leaves once, after each invoice that it corrects; reversed later, it is taken back once.

    Bad debt makes no tax document: the customer owes it still. What was reversed before it left has told nobody
    anything.
    """
    if facts.bad_debt:
        message = _("Credit note %(number)s writes off bad debt, which makes no tax document: what was billed stays.")
        return Blocker("bad_debt", message % {"number": facts.number})
    if facts.reversed and not facts.exported:
        message = _("Credit note %(number)s was reversed and never exported: there is nothing to tell the customer.")
        return Blocker("reversed", message % {"number": facts.number})
    if facts.document is None:
        message = _("Credit note %(number)s was exported, and nothing that an e-invoice says has changed since.")
        return Blocker("already_exported", message % {"number": facts.number})
    if not facts.exported:
        missing = [_not_exported(each) for each in facts.invoices if each.imported or not each.exported]
        if missing:
            return as_blocker(missing)
    return number_left_blocker(number=facts.number, left=facts.number_left) or as_blocker(
        problems(facts.document, facts.links)
    )


def _not_exported(invoice: Credited) -> Check:
    """A credit note refers to documents that the customer has from us."""
    label = _("Open the invoice")
    if invoice.imported:
        text = _("Invoice %(number)s was issued by another system and imported: it is e-invoiced and credited there.")
    else:
        text = _("Invoice %(number)s was never exported as an e-invoice: export it first, then what corrects it.")
    return Check(False, text % {"number": invoice.number}, invoice.url, label)


def as_blocker(checks: Sequence[Check]) -> Blocker | None:
    """One refusal for all that is missing, each with the link to where it is entered."""
    if not checks:
        return None
    if len(checks) == 1:
        return Blocker("incomplete", checks[0].text, link=checks[0].link)
    title = _("This can't be exported as an e-invoice yet.")
    return Blocker("incomplete", _("Complete what is missing, then export again."), title=title, checks=tuple(checks))


def problems(document: Document, links: Links) -> list[Check]:
    """Everything that is missing or impossible, in the order in which a person would put it right."""
    return [
        *_seller(document, links),
        *_buyer(document, links),
        *_taxes(document, links),
        *_amounts(document),
        *_characters(document, links),
    ]


def _seller(document: Document, links: Links) -> Iterable[Check]:
    seller, categories = document.seller, {item.tax.category for item in document.items}
    if not seller.address.country:
        yield _settings(_("Your organization has no country: an Admin adds it."), links)
    if not (seller.vat_number or seller.registration):
        yield _settings(
            _("Your organization has no tax number and no registration number: an Admin adds one."),
            links,
        )
    elif categories - {TaxCategory.OUTSIDE} and not (seller.vat_number or seller.tax_number):
        yield _settings(
            _("The document says something about tax, so your organization needs its tax number: an Admin adds it."),
            links,
        )
    if categories & set(VAT_NUMBER) and not seller.vat_number:
        text = _("A delivery abroad without tax needs your VAT number with the country in front, such as DE123456789.")
        yield _settings(text, links)


def _settings(text: str, links: Links) -> Check:
    return Check(False, text, links.organization, _("Open the organization's settings"))


def _buyer(document: Document, links: Links) -> Iterable[Check]:
    buyer, categories = document.buyer, {item.tax.category for item in document.items}
    if not buyer.name:
        yield _customer(_("The customer has no name: add it on the customer's page."), links)
    if not buyer.address.country:
        yield _customer(_("The customer has no country: add it on the customer's page."), links)
    if TaxCategory.INTRA_COMMUNITY in categories and not buyer.vat_number:
        text = _(
            "A delivery to another country of the European Union needs the customer's VAT number with the country."
        )
        yield _customer(text, links)
    elif categories & set(BUYER_NUMBER) and not (buyer.vat_number or buyer.registration):
        yield _customer(_("Reverse charge needs the customer's tax number: add it on the customer's page."), links)


def _customer(text: str, links: Links) -> Check:
    return Check(False, text, links.customer, _("Open the customer"))


def _taxes(document: Document, links: Links) -> Iterable[Check]:
    taxes = {group.tax for group in document.groups}
    if any(tax.category not in WITHOUT_REASON and not tax.reason for tax in taxes):
        text = _("A tax code of this document is an exemption without a reason: say why on the tax code.")
        yield Check(False, text, links.tax_codes, _("Open the tax codes"))
    if len({tax.category for tax in taxes}) > 1 and TaxCategory.OUTSIDE in {tax.category for tax in taxes}:
        text = _("What is not subject to tax can't stand beside taxed lines: choose another category for its tax code.")
        yield Check(False, text, links.tax_codes, _("Open the tax codes"))


def _amounts(document: Document) -> Iterable[Check]:
    amounts = [amount for item in document.items for amount in (item.net, item.amount)]
    if any(amount != round(amount, MAX_DECIMALS) for amount in amounts):
        text = _(
            "An e-invoice has amounts with two decimals at most, and this one has amounts in %(currency)s with more."
        )
        yield Check(False, text % {"currency": document.currency})


def _characters(document: Document, links: Links) -> Iterable[Check]:
    """Control characters come from broken imports; nobody sees them, and XML can't hold them."""
    if _broken(_texts(document.seller)):
        yield _settings(_("A field of your organization holds an invisible control character: type it anew."), links)
    if _broken(_texts(document.buyer)):
        yield _customer(_("A field of the customer holds an invisible control character: type it anew."), links)
    if _broken([document.number, document.order, document.note, *(item.description for item in document.items)]):
        yield Check(False, _("A line or reference of the document holds an invisible control character."))


def _texts(party: Party) -> list[str]:
    own = [str(getattr(party, each.name)) for each in fields(party) if each.name != "address"]
    place = party.address
    return [*own, *place.lines, place.city, place.postal_code, place.region, place.country]


def _broken(texts: Iterable[str]) -> bool:
    return any(NOT_XML.search(text) for text in texts)


def rule_words(finding: Finding) -> str:
    """What to do about a broken rule, in plain words, with its number."""
    known: dict[str, Any] = {
        "BR-CO-09": _("%(id)s: a VAT number must begin with its country's two letters."),
        "BR-CO-17": _("%(id)s: a tax amount is not its rate times the net; look at the tax codes of the invoice."),
        "BR-CL-14": _("%(id)s: a country's two letters are not on the list of countries."),
        "BR-CL-25": _("%(id)s: the scheme of an electronic address is not on the list of schemes."),
        "XSD": _("The document does not fit the schema of UBL 2.1: %(text)s"),
    }
    return known.get(finding.id, _("%(id)s of EN 16931: %(text)s")) % {"id": finding.id, "text": finding.text}


def findings_blocker(findings: Sequence[Finding], links: Links) -> Blocker | None:
    """A document that breaks the schema or a rule is not handed out; the refusal names each rule."""
    if not findings:
        return None
    rules = "; ".join(dict.fromkeys(rule_words(finding) for finding in findings))
    message = _("The e-invoice breaks rules of EN 16931 and was not exported. %(rules)s") % {"rules": rules}
    return Blocker("broken_rules", message, link=links.organization)
