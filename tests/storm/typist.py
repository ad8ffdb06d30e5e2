"""What people without courtesy enter into a form, and what they add to it that nobody offered them."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from tests.storm.pages import Field, Form

HOSTILE = [
    "NaN", "1e2", "1_000", "１２", "-0", "-1", "9" * 30, "1.23456", "0.001", "Infinity", "0x10", "\x00", "a\x00b", "",
    " ", "<script>alert(1)</script>", "' OR 1=1 --", "{{7*7}}", "../../etc/passwd", "=1+1", "\u202e", "x" * 10_000,
    "9999-12-31", "0001-01-01", "2026-02-30", "-1,5", "1.000,50", "2147483648", "9223372036854775808", "[]", "null",
]  # fmt: skip
AMOUNTS = ["0.01", "1.00", "5", "10.00", "49.99", "50.00", "50.01", "100", "950.00", "1000.00", "0", "25"]
# Columns that no form offers: whoever sends them changes nothing by it.
PROTECTED = {
    "organization": "1", "organization_id": "1", "status": "paid", "balance": "0", "amount": "0.01", "approved_by": "1",
    "decided_by": "1", "requested_by": "1", "is_superuser": "on", "is_platform_staff": "on", "role": "admin",
    "version": "1", "limit": "1000000", "number": "1", "posted_at": "2020-01-01", "id": "1", "pk": "1",
}  # fmt: skip
NOT_TYPED = {"csrfmiddlewaretoken", "_key"}


class Typist:
    """Fills forms: mostly as somebody would, often with one value that is hostile, foreign, missing or uninvited."""

    def __init__(self, pick: random.Random, foreign: Sequence[int]) -> None:
        self.pick, self.foreign = pick, foreign

    def fill(self, form: Form) -> dict[str, Any]:
        """The body of a form, under a key of its own: browsers make it when the form is shown, anybody can."""
        typed = {each.name: self.typed(each) for each in form.fields}
        body = {name: value for name, value in typed.items() if value is not None}
        if "_key" in body and self.pick.random() < 0.97:
            body["_key"] = str(UUID(int=self.pick.getrandbits(128), version=4))
        chance = self.pick.random()
        if chance < 0.25:
            self.spoil(body)
        elif chance < 0.35:
            body.update(self.pick.sample(sorted(PROTECTED.items()), 3))
        return body

    def spoil(self, body: dict[str, Any]) -> None:
        """One field as it should never be."""
        names = [name for name in body if name not in NOT_TYPED]
        if not names:
            return
        name, chance = self.pick.choice(names), self.pick.random()
        if chance < 0.1:
            del body[name]
        elif chance < 0.4:
            body[name] = str(self.pick.choice(self.foreign))
        else:
            body[name] = self.pick.choice(HOSTILE)

    def typed(self, each: Field) -> Any:
        """What somebody enters here; None for what is left out."""
        pick = self.pick
        if each.kind == "hidden":
            return each.value
        if each.kind in ("button", "submit", "file"):
            return None
        if each.kind == "checkbox":
            return [option for option in each.options if pick.random() < 0.4] or None
        if each.kind in ("select", "radio"):
            filled = [option for option in each.options if option] or each.options
            return pick.choice(filled) if filled and pick.random() < 0.9 else each.value
        if each.kind == "date":
            day = date.today() - timedelta(days=pick.randrange(-3, 60))
            return each.value if each.value and pick.random() < 0.5 else day.isoformat()
        if each.decimal or each.kind == "number":
            return each.value if each.value and pick.random() < 0.6 else pick.choice(AMOUNTS)
        return each.value if each.value and pick.random() < 0.7 else f"Storm {pick.randrange(1000)}"
