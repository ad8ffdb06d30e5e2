"""What the pages show, compared with what the model has."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from tests.machine.office import Office
from tests.machine.reading import Shown, number
from tests.machine.records import REFUSED, Invoice, Limits, Load
from tests.machine.visitors import Sent, own_form
from tests.support.invariants import broken

T = TypeVar("T")
LIMITS = st.builds(
    Limits, st.sampled_from([None, Decimal(0), Decimal(40)]), st.sampled_from([None, None, Decimal(60)])
)  # fmt: skip


def likely(which: int, things: Sequence[T], fitting: Callable[[T], Any]) -> T:
    """One of these, rather one to which a verb fits than one to which it does not."""
    good = [each for each in things if fitting(each)]
    choice = [*good, *good, *good, *(each for each in things if not fitting(each))]
    return choice[which % len(choice)]


def unbilled(load: Load) -> bool:
    return load.invoice is None or load.invoice.void


def open_on(load: Load) -> Decimal:
    return load.invoice.balance if load.invoice else Decimal(0)


class Compared(RuleBasedStateMachine):
    """A copy of the office, the model of it, and how the pages are compared with it. `office` is set by the test."""

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
        """Every page at the end; where a step came out otherwise there is nothing more to learn."""
        tally, whole = self.office.tally, False
        try:
            if not isinstance(sys.exc_info()[1], AssertionError):
                self.compare_each()
                assert broken() == {}
                whole = True
                tally.counts["compared whole"] += 1
        finally:
            tally.found = tally.found or (0 if whole else tally.counts["examples"])
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

    def judge_on(self, load: Load, verb: str, refused: str, sent: Sent) -> None:
        """The same of a step that changes what the page of a load shows."""
        self.judge(verb, refused, sent)
        if not refused:
            self.compare_load(load)

    def judge(self, verb: str, refused: str, sent: Sent) -> None:
        """The step came out as the model says, and so does every amount. That a refused one left them alone shows
        after the next that is accepted, or at the end."""
        counts = self.office.tally.counts
        counts["steps"] += 1
        counts["refused" if refused else "accepted"] += 1
        self.office.tally.verbs[f"{verb} refused" if refused else verb] += 1
        status = sent.answer.status_code
        if not refused:
            assert sent.accepted, f"{verb} was refused ({status}): {sent.page.warnings()}"
            self.sent.append((verb, sent))
            self.compare()
        else:
            assert not sent.accepted, f"{verb} was accepted, though: {refused}"
            said = sent.page.warnings()
            assert said, f"{verb} was refused ({status}) without a word"
            assert refused == REFUSED or refused in said, f"{verb} should say {refused!r}: {said}"

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
        """At the end, the page of each load, invoice and payment."""
        self.compare(at_work=False)
        for load in self.books.loads:
            self.compare_load(load)
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

    def confirmed(self, sent: Sent) -> Sent:
        """What a dialog with a preview comes to once that is confirmed; a refusal has no preview."""
        if sent.answer.status_code != 200:
            return sent
        return self.biller.send(*own_form(sent.path, sent.answer.text), {"step": "confirm"})

    def key(self, thing: Any) -> str:
        return self.places[thing].split("/")[-2]
