"""The application as it is served, driven by chance, beside the plain model: each step is predicted, done over HTTP,
and what the pages then show is compared with the model."""

import contextlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.machine.model import (
    BAD_DEBT,
    CHARGE,
    CONCESSION,
    CREDITED,
    LOST,
    REFUSED,
    Charge,
    Invoice,
    Limits,
    Load,
)
from tests.machine.office import CUSTOMERS, Office
from tests.machine.reading import Shown, number
from tests.machine.visitors import Sent, own_form
from tests.support.invariants import broken

T = TypeVar("T")
WHICH = st.integers(0, 11)
KINDS = st.sampled_from([BAD_DEBT, CONCESSION, CHARGE])
GIVEN = st.sampled_from([BAD_DEBT, CONCESSION])
CENTS = st.sampled_from([0, 1, 1000, 2500, 4000, 4001, 6000, 10000]).map(lambda cents: Decimal(cents) / 100)
# As much as is open, or so much less or more; or this very amount.
WISHES = st.tuples(st.sampled_from(["short", "short", "over", "just"]), CENTS)
LIMITS = st.builds(
    Limits, st.sampled_from([None, Decimal(0), Decimal(40)]), st.sampled_from([None, None, Decimal(60)])
)  # fmt: skip


def amount_of(wish: tuple[str, Decimal], balance: Decimal) -> Decimal:
    way, amount = wish
    wanted = {"short": balance - amount, "over": balance + amount, "just": amount}[way]
    return max(wanted, Decimal(0))


def likely(which: int, things: Sequence[T], fitting: Callable[[T], Any]) -> T:
    """One of these, rather one to which a verb fits than one to which it does not."""
    good = [each for each in things if fitting(each)]
    choice = [*good, *good, *good, *(each for each in things if not fitting(each))]
    return choice[which % len(choice)]


def unbilled(load: Load) -> bool:
    return load.invoice is None or load.invoice.void


def open_on(load: Load) -> Decimal:
    return load.invoice.balance if load.invoice else Decimal(0)


class Machine(RuleBasedStateMachine):
    """Its rules are the verbs. `office` is set by the test."""

    office: Office

    def __init__(self) -> None:
        super().__init__()
        self.copy = contextlib.ExitStack()
        self.copy.enter_context(self.office.copied())
        self.visitors = self.office.visitors()
        self.biller = self.visitors["biller"]
        self.books = self.office.books()
        self.places: dict[Any, str] = {}
        for load, (pk, invoice) in zip(self.books.loads, self.office.loads, strict=True):
            self.places |= {load: f"/loads/{pk}/", load.invoice: f"/invoices/{invoice}/"}
        self.sent: list[tuple[str, Sent]] = []
        self.kept: tuple[str, Load, int, str, Any] | None = None
        self.steps = 0
        self.office.tally.counts["examples"] += 1

    def teardown(self) -> None:
        try:
            self.compare_each()
            assert broken() == {}
        finally:
            self.close()

    def close(self) -> None:
        for each in self.visitors.values():
            each.close()
        self.copy.close()

    @initialize(limits=LIMITS)
    def set_limits(self, limits: Limits) -> None:
        self.books.limits = limits
        self.office.limit(limits)

    # What was predicted, what happened ----------------------------------------------------------------------------

    def judge(self, verb: str, refused: str, sent: Sent) -> None:
        """The step came out as the model says, and so does every amount."""
        counts = self.office.tally.counts
        counts["steps"] += 1
        counts["refused" if refused else "accepted"] += 1
        self.office.tally.verbs[f"{verb} refused" if refused else verb] += 1
        status = sent.answer.status_code
        if not refused:
            assert sent.accepted, f"{verb} was refused ({status}): {sent.page.warnings()}"
            self.sent.append((verb, sent))
        else:
            assert not sent.accepted, f"{verb} was accepted, though: {refused}"
            said = sent.page.warnings()
            assert said, f"{verb} was refused ({status}) without a word"
            assert refused == REFUSED or refused in said, f"{verb} should say {refused!r}: {said}"
        self.compare()

    def compare(self, at_work: bool = True) -> None:
        """The lists of invoices and payments show what the model has; what is new is remembered."""
        shown = self.biller.see("/invoices/")
        rows = shown.by("Invoice")
        assert rows.keys() == {each.number for each in self.books.invoices}
        self.find(shown, "/invoices/", self.books.invoices)
        for each in self.books.invoices:
            row = rows[each.number]
            seen = {name: number(row[name]) for name in each.split}
            assert (row["Status"], seen) == (each.status, each.split), each.number
        if self.books.payments or not at_work:
            self.compare_payments()

    def compare_payments(self) -> None:
        shown = self.biller.see("/payments/")
        rows = shown.by("Payment")
        standing = [each for each in self.books.payments if not each.undone]
        assert rows.keys() == {each.number for each in standing}
        self.find(shown, "/payments/", standing)
        for each in standing:
            row, left = rows[each.number], self.books.unapplied(each)
            seen = row["State"], number(row["Amount"]), number(row["On account"])
            assert seen == ("On account" if left else "Recorded", each.amount, left), each.number

    def find(self, shown: Shown, start: str, things: Sequence[Any]) -> None:
        """Remember where the new ones of these are."""
        for each in things:
            self.places.setdefault(each, shown.link(start, each.number))

    def compare_load(self, load: Load) -> Shown:
        """The page of a load: its charges, its invoice, whether Regenerate can be clicked."""
        page = self.biller.see(self.places[load])
        foot = {name: number(row[name]) for row in page.rows("tfoot") for name in row}
        assert foot["Charges now"] == load.total
        invoice = load.invoice
        if invoice is not None:
            assert foot[invoice.number] == invoice.total
        assert bool(page.enabled("Regenerate invoice")) == (not self.books.regenerate_refused(load))
        return page

    def compare_each(self) -> None:
        """At the end, the page of each invoice and payment."""
        self.compare(at_work=False)
        for each in self.books.invoices:
            page = self.biller.see(self.places[each])
            seen = {name: number(page.fact("How it stands", name)) for name in each.split}
            assert seen == each.split, (each.number, seen)
        for payment in self.books.payments:
            page = self.biller.see(self.places[payment])
            left = self.books.unapplied(payment)
            assert payment.undone in page.text
            assert number(page.fact("Payment", "Amount")) == payment.amount
            assert number(page.fact("Payment", "On account")) == left
            assert number(page.fact("Payment", "Applied")) == payment.applied(self.books.invoices)

    # Choosing ---------------------------------------------------------------------------------------------------

    def load(self, which: int, fitting: Callable[[Load], Any] = bool) -> Load:
        return likely(which, self.books.loads, fitting)

    def open_invoice(self, which: int) -> Invoice:
        return likely(which, self.books.invoices, lambda each: each.balance > 0)

    def act(self, path: str, **typed: str) -> Sent:
        address, form = self.biller.open(path)
        return self.biller.send(address, form, typed)

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
        self.judge("add_accessorial", refused, self.act(f"{self.places[load]}add-accessorial/", **typed))
        self.compare_load(load)

    @precondition(lambda self: any(load.charges for load in self.books.loads))
    @rule(which=WHICH)
    def remove_accessorial(self, which: int) -> None:
        charges = [(load, each) for load in self.books.loads for each in load.charges]
        load, charge = charges[which % len(charges)]
        place = self.place_of(load, charge)
        refused = self.books.remove_accessorial(load, charge)
        self.judge("remove_accessorial", refused, self.act(place))
        self.compare_load(load)

    def place_of(self, load: Load, charge: Charge) -> str:
        """Where a charge is removed: its number is on its button, whether that can be clicked or not."""
        page = self.biller.see(self.places[load])
        return f"/accessorials/{page.key('remove_accessorial', row=charge.note)}/remove-accessorial/"

    @precondition(lambda self: any(each.late for each in self.books.loads))
    @rule(which=WHICH)
    def regenerate_invoice(self, which: int) -> None:
        load = self.load(which, lambda each: each.late)
        refused = self.books.regenerate_invoice(load)
        self.judge("regenerate_invoice", refused, self.act(f"{self.places[load]}regenerate-invoice/"))
        self.compare_load(load)

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
        self.judge("record_payment", refused, sent)
        self.compare_load(invoice.load)

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
        page = self.compare_load(load)
        if not refused:
            self.places[self.books.resolutions[-1]] = f"/resolutions/{page.key('undo_resolution')}/"

    @precondition(lambda self: self.books.resolutions)
    @rule(which=WHICH)
    def undo_resolution(self, which: int) -> None:
        resolution = likely(which, self.books.resolutions, lambda each: not each.undone)
        refused = self.books.undo_resolution(resolution)
        sent = self.act(f"{self.places[resolution]}undo-resolution/", reason="They paid after all")
        self.judge("undo_resolution", refused, sent)
        self.compare_load(resolution.load)

    @rule(which=WHICH, kind=st.sampled_from([LOST, CREDITED]), wish=WISHES)
    def issue_credit_note(self, which: int, kind: str, wish: tuple[str, Decimal]) -> None:
        invoice = self.open_invoice(which)
        amount = amount_of(wish, invoice.balance)
        key = self.places[invoice].split("/")[-2]
        typed = {"reason": str(self.office.reasons[kind]), f"amount_{key}": str(amount)}
        account = self.office.accounts[invoice.load.customer]
        sent = self.act(f"/accounts/{account}/issue-credit-note/?invoice={key}", **typed)
        if sent.answer.status_code == 200:
            sent = self.biller.send(*own_form(sent.path, sent.answer.text), {"step": "confirm"})
        refused = self.books.issue_credit_note(invoice, kind, amount)
        self.judge("issue_credit_note", refused, sent)

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
        if who == "collector" and verb == "record_payment":
            return  # collectors may
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
