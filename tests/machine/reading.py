"""A page as its reader takes it in: tables by the words above their columns, facts by their terms, buttons by their
label. Amounts become numbers again."""

import re
from decimal import Decimal

import lxml.html

SAYS_NO = ("invalid-feedback", "error-summary", "assign-refused", "reason ")


class Shown:
    """What a page shows."""

    def __init__(self, html: str) -> None:
        self.tree = lxml.html.fromstring(html)

    @property
    def text(self) -> str:
        return words(self.tree)

    def rows(self, part: str = "tbody") -> list[dict[str, str]]:
        """The rows of all tables, by the words that stand above their cells."""
        found = self.tree.xpath(f"//{part}/tr[*[@data-label]]")
        return [{cell.get("data-label"): words(cell) for cell in row.xpath("*[@data-label]")} for row in found]

    def by(self, label: str) -> dict[str, dict[str, str]]:
        """The rows that have something under this word, by that."""
        return {row[label]: row for row in self.rows() if row.get(label)}

    def fact(self, heading: str, term: str) -> str:
        """What stands beside a term in the section with this heading; "" if nothing does."""
        section = f"//section[.//h2[normalize-space()='{heading}']]"
        found = self.tree.xpath(f"{section}//dt[normalize-space()='{term}']/following-sibling::dd[1]")
        return words(found[0]) if found else ""

    def enabled(self, label: str) -> bool | None:
        """Whether the button with this label can be clicked; None: there is none."""
        found = self.tree.xpath(f"//*[contains(@class,'btn')][normalize-space()='{label}']")
        return found[0].get("aria-disabled") is None if found else None

    def link(self, start: str, row: str) -> str:
        """Where the link leads that starts so, in the row of a table that says `row`; "" if there is none."""
        found = self.tree.xpath(f"//tr[.//text()[contains(., '{row}')]]//a[starts-with(@href, '{start}')]")
        return str(found[0].get("href")) if found else ""

    def key(self, verb: str, row: str = "") -> str:
        """Which row of the database a verb's button is about, in the row of a table that says `row`."""
        within = f"//tr[.//text()[contains(., '{row}')]]" if row else ""
        (found,) = self.tree.xpath(f"{within}//*[starts-with(@id, '{verb}-')][contains(@class,'btn')]")
        return str(found.get("id").rpartition("-")[2])

    def warnings(self) -> str:
        """What stands beside a field or above a form because something was refused."""
        wanted = " or ".join(f"contains(concat(@class, ' '), '{name}')" for name in SAYS_NO)
        found = self.tree.xpath(f"//main//*[{wanted}][not(contains(@class, 'reason-info'))]")
        return " ".join(words(each) for each in found)


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(re.sub(r"[\u2066-\u2069]", "", element.text_content()).split())


def number(text: str) -> Decimal:
    """An amount as pages write it, with or without its currency."""
    return Decimal(re.sub(r"[^0-9.-]", "", text.replace("\u2212", "-")))
