"""Sending a page's own form as a person would: what stands in it, the first choice, and a plain value elsewhere."""

from datetime import date
from html.parser import HTMLParser

PLAIN = {"date": date(2026, 11, 20).isoformat(), "email": "nobody@example.com", "number": "1", "file": ""}


class _Fields(HTMLParser):
    """The fields of the last form of a page that posts and holds more than a token."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, str]] = []
        self.fields: dict[str, str] | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.fields = {} if given.get("method", "").lower() == "post" else None
        elif self.fields is None:
            return
        elif tag == "input" and given.get("name"):
            self.input(self.fields, given)
        elif tag in ("select", "textarea") and given.get("name"):
            self.fields[given["name"]] = ""
            self.select = given["name"] if tag == "select" else ""
            self.area = given["name"] if tag == "textarea" else ""
        elif tag == "option" and self.select and ("selected" in given or not self.fields[self.select]):
            self.fields[self.select] = given.get("value", "")

    def input(self, fields: dict[str, str], given: dict[str, str]) -> None:
        kind, name = given.get("type", "text"), given["name"]
        if kind in ("radio", "checkbox"):
            if "checked" in given or (kind == "radio" and name not in fields):
                fields[name] = given.get("value") or "on"
        elif kind != "submit":
            plain = "1.00" if given.get("inputmode") == "decimal" else PLAIN.get(kind, "Some words")
            fields[name] = given.get("value") or (plain if "required" in given else "")

    def handle_data(self, data: str) -> None:
        if self.area and self.fields is not None:
            self.fields[self.area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.fields is not None and self.area:
            self.fields[self.area] = self.fields[self.area].strip() or "Some words"
        if tag in ("select", "textarea"):
            self.select = self.area = ""
        if tag == "form" and self.fields is not None:
            self.forms.append(self.fields)
            self.fields = None


def own_fields(page: str) -> dict[str, str]:
    """What the form of this page would send; empty if it has none."""
    reader = _Fields()
    reader.feed(page)
    return max(reader.forms, key=len, default={})
