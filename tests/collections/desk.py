"""A person at the page "Collections and assignments", as the tests of that page write it."""

from uuid import uuid4

from django.urls import reverse

from receivables.collections.models import BankAccount


class Desk:
    """Bob at the page of one account."""

    def __init__(self, browser, actor, account):
        self.browser, self.actor = browser, actor
        self.url = reverse("payment_on_account", args=[account.pk])
        self.page = browser.get(self.url)
        self.data = {
            "amount": "", "date": "2026-11-23", "method": "check", "reference": "CHQ 20817", "note": "",
            "posting_date": "", "bank_account": BankAccount.objects.of(actor).order_by("pk")[0].pk, "find": "",
            "_key": str(uuid4()),
        }  # fmt: skip
        self.keep()

    def keep(self):
        """What the browser now holds in the fields of the rows."""
        for row in self.page.context["grid"].rows:
            pk, typed = row.invoice.pk, row.typed
            self.data |= {f"applied_{pk}": typed.applied, f"bad_{pk}": typed.bad_debt, f"seen_{pk}": typed.seen}
            self.data.pop(f"pay_{pk}", None)
            self.data.pop(f"ask_{pk}", None)
            for name, kept in (("pay", typed.pay_bill), ("ask", typed.ask)):
                if kept:
                    self.data[f"{name}_{pk}"] = "1"
            for n, part in enumerate(typed.parts):
                self.data |= {f"why_{pk}_{n}": part.reason, f"part_{pk}_{n}": part.amount}

    def type(self, invoice=None, *, applied=None, bad=None, pay=None, **header):
        self.data |= header
        for name, value in (("applied", applied), ("bad", bad), ("pay", pay)):
            if value is not None:
                self.data[f"{name}_{invoice.pk}"] = value
        return self

    def part(self, invoice, n, reason, amount):
        """Fill in a line of a split difference."""
        self.data |= {f"why_{invoice.pk}_{n}": reason.pk, f"part_{invoice.pk}_{n}": amount}
        return self

    def send(self, step, **more):
        headers = {"HX-Request": "true", "HX-Trigger": more.pop("row", "")} if step == "preview" else {}
        answer = self.browser.post(self.url, {**self.data, "step": step, **more}, headers=headers)
        if answer.status_code in (200, 409, 422) and step != "preview":
            self.page = answer
            self.keep()
        return answer

    def applied(self):
        return [row.typed.applied for row in self.page.context["grid"].rows]


def text(response):
    return response.content.decode().replace("\u00a0", " ").replace("&#x27;", "'")
