"""What a person finds on a page: its links, and its forms with what may be typed and chosen."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin


@dataclass
class Field:
    """One input: how it is typed, what stands in it, what it offers."""

    name: str
    kind: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    decimal: bool = False


@dataclass
class Form:
    """A form that posts; where its buttons send it elsewhere, `actions` are those addresses."""

    actions: list[str]
    fields: list[Field]
    number: str = ""


class Page(HTMLParser):
    """The links and posting forms of a page; `address` is what relative ones are relative to."""

    def __init__(self, address: str, html: str) -> None:
        super().__init__()
        self.address = address
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._elsewhere: list[tuple[str, str, dict[str, str]]] = []  # inputs of a form that they stand outside of
        self._choice: Field | None = None
        self._area: Field | None = None
        self.feed(html)
        for number, tag, given in self._elsewhere:
            for form in self.forms:
                if form.number == number:
                    self._add(form, tag, given)
        for form in self.forms:
            form.actions = form.actions[1:] or form.actions

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "a" and given.get("href", "").startswith("/"):
            self.links.append(given["href"])
        elif tag == "form":
            posts = given.get("method", "").lower() == "post"
            action = urljoin(self.address, given.get("action", ""))
            self._form = Form([action], [], given.get("id", "")) if posts else None
        elif tag == "option" and self._choice is not None:
            self._choice.options.append(given.get("value", ""))
            if "selected" in given:
                self._choice.value = given.get("value", "")
        elif tag in ("input", "select", "textarea", "button") and given.get("form"):
            self._elsewhere.append((given["form"], tag, given))
        elif tag in ("input", "select", "textarea", "button") and self._form is not None:
            self._add(self._form, tag, given)

    def _add(self, form: Form, tag: str, given: dict[str, str]) -> None:
        if given.get("formaction"):
            form.actions.append(urljoin(self.address, given["formaction"]))
        kind = given.get("type", "text") if tag == "input" else tag
        name, value = given.get("name", ""), given.get("value", "")
        if not name:
            return
        if kind in ("radio", "checkbox"):
            known = next((each for each in form.fields if each.name == name), None)
            if known is None:
                known = Field(name, kind)
                form.fields.append(known)
            known.options.append(value or "on")
            if "checked" in given:
                known.value = value or "on"
            return
        made = Field(name, kind, value, decimal=given.get("inputmode") == "decimal")
        form.fields.append(made)
        self._choice = made if tag == "select" else None
        self._area = made if tag == "textarea" else None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._choice = self._area = None
        if tag == "form" and self._form is not None:
            self.forms.append(self._form)
            self._form = None
