"""The application as it is served, driven by chance, beside the plain model: each step is predicted, done over HTTP,
and what the pages then show is compared with the model."""

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.machine.comparing import Compared, likely, open_on, unbilled
from tests.machine.office import CUSTOMERS
from tests.machine.records import BAD_DEBT, CHARGE, CONCESSION, CREDITED, LOST, REFUSED, Charge, Load, Row
from tests.machine.visitors import own_form

WHICH = st.integers(0, 11)
KINDS = st.sampled_from([BAD_DEBT, CONCESSION, CHARGE])
CENTS = st.sampled_from([0, 1, 1000, 2500, 4000, 4001, 6000, 10000]).map(lambda cents: Decimal(cents) / 100)
# As much as is open, or so much less or more; or this very amount.
WISHES = st.tuples(st.sampled_from(["short", "short", "over", "just"]), CENTS)
ROWS = st.tuples(WISHES, st.booleans(), st.sampled_from([0, 0, 1000, 4000]).map(lambda cents: Decimal(cents) / 100))
COLLECTORS_MAY = {"record_payment", "collect", "assign_payment"}
RESTS = st.sampled_from([Decimal(0), Decimal(0), Decimal(25), Decimal("-0.01")])


def amount_of(wish: tuple[str, Decimal], balance: Decimal) -> Decimal:
    way, amount = wish
    wanted = {"short": balance - amount, "over": balance + amount, "just": amount}[way]
    return max(wanted, Decimal(0))


class Machine(Compared):
    """The verbs are its rules."""

    # Loads and invoices -------------------------------------------------------------------------------------------

    @precondition(lambda self: len(self.books.loads) < 4)
    @rule(customer=st.sampled_from(CUSTOMERS), line_haul=st.sampled_from([Decimal(50), Decimal("80.01")]))
    def create_load(self, customer: str, line_haul: Decimal) -> None:
        refused = self.books.create_load(customer, line_haul)
        sent = self.act(f"/loads/new/?account={self.office.accounts[customer]}", line_haul=str(line_haul))
        self.places[self.books.loads[-1]] = sent.answer.headers.get("location", "")
        self.judge("create_load", refused, sent)

    @precondition(lambda self: any(unbilled(each) for each in self.books.loads))
    @rule(which=WHICH)
    def generate_invoice(self, which: int) -> None:
        load = self.load(which, unbilled)
        refused = self.books.generate_invoice(load)
        self.judge("generate_invoice", refused, self.act(f"{self.places[load]}generate-invoice/"))

    @rule(which=WHICH, kind=KINDS, amount=CENTS)
    def add_accessorial(self, which: int, kind: str, amount: Decimal) -> None:
        load, note = self.load(which), self.new_note()
        refused = self.books.add_accessorial(load, kind, amount, note)
        typed = {"type": str(self.office.types[kind]), "amount": str(amount), "note": note}
        self.judge_on(load, "add_accessorial", refused, self.act(f"{self.places[load]}add-accessorial/", **typed))

    @precondition(lambda self: any(load.charges for load in self.books.loads))
    @rule(which=WHICH)
    def remove_accessorial(self, which: int) -> None:
        charges = [(load, each) for load in self.books.loads for each in load.charges]
        load, charge = charges[which % len(charges)]
        place = self.place_of(load, charge)
        refused = self.books.remove_accessorial(load, charge)
        self.judge_on(load, "remove_accessorial", refused, self.act(place))

    def place_of(self, load: Load, charge: Charge) -> str:
        """Where a charge is removed: its number is on its button, whether that can be clicked or not."""
        page = self.biller.see(self.places[load])
        return f"/accessorials/{page.key('remove_accessorial', row=charge.note)}/remove-accessorial/"

    @precondition(lambda self: any(each.late for each in self.books.loads))
    @rule(which=WHICH)
    def regenerate_invoice(self, which: int) -> None:
        load = self.load(which, lambda each: each.late)
        refused = self.books.regenerate_invoice(load)
        self.judge_on(load, "regenerate_invoice", refused, self.act(f"{self.places[load]}regenerate-invoice/"))

    @rule(which=WHICH)
    def void_invoice(self, which: int) -> None:
        load = self.load(which, lambda each: open_on(each) > 0)
        refused = self.books.void_invoice(load)
        self.judge("void_invoice", refused, self.act(f"{self.places[load]}void-invoice/", reason="Wrong customer"))

    def new_note(self) -> str:
        self.steps += 1
        return f"note {self.steps}."

    # Money --------------------------------------------------------------------------------------------------------

    @rule(which=WHICH, wish=WISHES, pay_bill=st.booleans(), keep=st.booleans())
    def record_payment(self, which: int, wish: tuple[str, Decimal], pay_bill: bool, keep: bool) -> None:
        invoice = self.open_invoice(which)
        amount = amount_of(wish, invoice.balance)
        keep = keep and amount > invoice.balance and not invoice.void
        typed = {"amount": str(amount), "reference": self.new_note(), **({"pay_bill": "on"} if pay_bill else {})}
        sent = self.act(f"{self.places[invoice]}record-payment/", **typed)
        if keep:
            sent = self.biller.send(*own_form(sent.path, sent.answer.text), {"keep_rest": "1"})
        refused = self.books.record_payment(invoice, amount, pay_bill, keep)
        self.judge_on(invoice.load, "record_payment", refused, sent)

    @rule(customer=st.sampled_from(CUSTOMERS), typed=st.lists(ROWS, max_size=2), rest=RESTS)
    def collect(self, customer: str, typed: list[tuple[Any, bool, Decimal]], rest: Decimal) -> None:
        """Collections and assignments: money of a customer on some of the open invoices, with what is given up."""
        due = [each for each in self.books.invoices if each.load.customer == customer and each.balance > 0]
        rows = [
            Row(invoice, amount_of(wish, invoice.balance), pay_bill, bad_debt)
            for invoice, (wish, pay_bill, bad_debt) in zip(due, typed, strict=False)
        ]
        rows = [row for row in rows if row.applied or row.pay_bill or row.bad_debt]
        received = max(sum((row.applied for row in rows), Decimal(0)) + rest, Decimal(0))
        body = {"amount": str(received), "reference": self.new_note(), "step": "save"}
        for row in rows:
            key = self.key(row.invoice)
            body |= {f"applied_{key}": str(row.applied), f"bad_{key}": str(row.bad_debt) if row.bad_debt else ""}
            body |= {f"pay_{key}": "1"} if row.pay_bill else {}
        refused = self.books.collect(customer, received, rows)
        self.judge("collect", refused, self.act(f"/payments/new/{self.office.accounts[customer]}/", **body))

    @precondition(lambda self: any(self.books.unapplied(each) for each in self.books.payments))
    @rule(which=WHICH, wish=WISHES)
    def assign_payment(self, which: int, wish: tuple[str, Decimal]) -> None:
        payment = likely(which, [each for each in self.books.payments if not each.undone], self.books.unapplied)
        own = [each for each in self.books.invoices if each.load.customer == payment.customer and not each.void]
        if not own:
            return
        invoice = likely(which, own, lambda each: each.balance > 0)
        amount = amount_of(wish, min(invoice.balance, self.books.unapplied(payment)))
        _address, form = self.biller.open(place := f"{self.places[payment]}assign-payment/")
        typed = {each.name: "" for each in form.fields if each.name.startswith("amount_")}
        sent = self.biller.send(place, form, {**typed, f"amount_{self.key(invoice)}": str(amount)})
        refused = self.books.assign_payment(payment, invoice, amount)
        self.judge("assign_payment", refused, self.confirmed(sent))

    @precondition(lambda self: self.books.payments)
    @rule(which=WHICH, bounced=st.booleans())
    def take_payment_back(self, which: int, bounced: bool) -> None:
        payment = likely(which, self.books.payments, lambda each: not each.undone)
        verb = "bounce_payment" if bounced else "delete_payment"
        refused = getattr(self.books, verb)(payment)
        sent = self.act(f"{self.places[payment]}{verb.replace('_', '-')}/", reason="No funds")
        self.judge(verb, refused, sent)

    # The short payment, credit notes ------------------------------------------------------------------------------

    @rule(which=WHICH, kind=st.sampled_from([BAD_DEBT, CONCESSION, ""]), wish=st.none() | WISHES)
    def resolve_short_payment(self, which: int, kind: str, wish: tuple[str, Decimal] | None) -> None:
        load, note, start = self.load(which, open_on), self.new_note(), "resolve_short_payment"
        amount = None if wish is None else amount_of(wish, open_on(load))
        typed = {
            "why": "other", "outcome": start, f"{start}-type": str(self.office.types[kind]) if kind else "",
            f"{start}-amount": "" if amount is None else str(amount), f"{start}-note": note,
        }  # fmt: skip
        sent = self.act(f"{self.places[load]}resolve-short-payment/what/", **typed)
        if sent.accepted:
            sent = self.act(sent.answer.headers["location"])
        refused = self.books.resolve_short_payment(load, kind, amount, note)
        self.judge(start, refused, sent)
        page = None if refused else self.compare_load(load)
        if page and kind:  # what only brought charges along is taken back by hand
            self.places[self.books.resolutions[-1]] = f"/resolutions/{page.key('undo_resolution')}/"

    @precondition(lambda self: any(each.charge for each in self.books.resolutions))
    @rule(which=WHICH)
    def undo_resolution(self, which: int) -> None:
        resolution = likely(
            which, [each for each in self.books.resolutions if each.charge], lambda each: not each.undone
        )
        refused = self.books.undo_resolution(resolution)
        sent = self.act(f"{self.places[resolution]}undo-resolution/", reason="They paid after all")
        self.judge_on(resolution.load, "undo_resolution", refused, sent)

    @rule(which=WHICH, kind=st.sampled_from([LOST, CREDITED]), wish=WISHES)
    def issue_credit_note(self, which: int, kind: str, wish: tuple[str, Decimal]) -> None:
        invoice = self.open_invoice(which)
        amount = amount_of(wish, invoice.balance)
        key = self.key(invoice)
        typed = {"reason": str(self.office.reasons[kind]), f"amount_{key}": str(amount)}
        account = self.office.accounts[invoice.load.customer]
        sent = self.act(f"/accounts/{account}/issue-credit-note/?invoice={key}", **typed)
        refused = self.books.issue_credit_note(invoice, kind, amount)
        self.judge("issue_credit_note", refused, self.confirmed(sent))

    @precondition(lambda self: self.books.notes)
    @rule(which=WHICH)
    def reverse_credit_note(self, which: int) -> None:
        note = likely(which, self.books.notes, lambda each: not each.reversed)
        place = self.biller.see("/credit-notes/").link("/credit-notes/", note.number)
        refused = self.books.reverse_credit_note(note)
        self.judge("reverse_credit_note", refused, self.act(f"{place}reverse-credit-note/", reason="Mistake"))

    # Without courtesy ---------------------------------------------------------------------------------------------

    @precondition(lambda self: self.sent)
    @rule(which=WHICH)
    def send_again(self, which: int) -> None:
        """The same form once more: it leads to the same place and does nothing."""
        verb, sent = self.sent[-1 - which % len(self.sent)]
        answer = self.biller.again(sent)
        self.office.tally.counts["sent again"] += 1
        assert answer.status_code == 302, f"{verb} sent again: {answer.status_code}"
        assert answer.headers["location"] == sent.answer.headers["location"]
        self.compare()

    @precondition(lambda self: self.sent)
    @rule(which=WHICH)
    def send_changed(self, which: int) -> None:
        """Another body under the same key is refused."""
        verb, sent = self.sent[-1 - which % len(self.sent)]
        answer = self.biller.again(sent, reason="Something else", note="Something else")
        self.office.tally.counts["sent changed"] += 1
        assert answer.status_code in (409, 422), f"{verb} sent with another body: {answer.status_code}"
        self.compare()

    @precondition(lambda self: self.sent)
    @rule(which=WHICH, who=st.sampled_from(["auditor", "stranger", "collector"]))
    def send_as_another(self, which: int, who: str) -> None:
        """A form of the biller, sent by who may not: 403 in the same organization, 404 in another, nothing changes."""
        verb, sent = self.sent[-1 - which % len(self.sent)]
        visitor = self.visitors[who]
        if who == "collector" and verb in COLLECTORS_MAY:
            return
        expected = 404 if who == "stranger" else 403
        self.office.tally.counts[f"sent by {who}"] += 1
        seen = visitor.ask("GET", sent.path).status_code
        answer = visitor.forge(sent)
        assert (seen, answer.status_code) == (expected, expected), f"{verb} by {who}"
        self.compare()

    @rule(which=WHICH, verb=st.sampled_from(["add_accessorial", "regenerate_invoice", "void_invoice"]))
    def keep_open(self, which: int, verb: str) -> None:
        """Open a dialog and leave it open."""
        load = self.load(which)
        self.kept = (verb, load, load.version, *self.biller.open(f"{self.places[load]}{verb.replace('_', '-')}/"))

    @precondition(lambda self: self.kept)
    @rule()
    def send_late(self) -> None:
        """What changed since a dialog was opened is never overwritten."""
        verb, load, version, address, form = self.kept
        self.kept, note = None, self.new_note()
        typed = {
            "add_accessorial": {"type": str(self.office.types[CHARGE]), "amount": "10", "note": note},
            "regenerate_invoice": {}, "void_invoice": {"reason": "Wrong"},
        }[verb]  # fmt: skip
        arguments = (load, CHARGE, Decimal(10), note) if verb == "add_accessorial" else (load,)
        refused = REFUSED if load.version != version else getattr(self.books, verb)(*arguments)
        self.judge(f"{verb} late", refused, self.biller.send(address, form, typed))
