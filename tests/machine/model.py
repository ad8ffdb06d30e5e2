"""The books of a small carrier in plain Python, written from the requirements alone: what is refused, and what every
amount is afterwards. Nothing of the product is imported, so that both can't be wrong in the same way.

A verb of `Books` changes the books and answers "" where it is accepted. Where it is refused the books stay as they are,
and the answer is a piece of the sentence that the requirements give for it, or REFUSED where they give none.
"""

from decimal import Decimal

from tests.machine.records import (
    CHARGE,
    CREDITED,
    LOST,
    PAID,
    REFUSED,
    ZERO,
    Charge,
    CreditNote,
    Invoice,
    Limits,
    Load,
    Payment,
    Resolution,
    Row,
    Settlement,
)


class Books:
    """All of it, and the verbs."""

    def __init__(self) -> None:
        self.limits = Limits()
        self.loads: list[Load] = []
        self.invoices: list[Invoice] = []
        self.payments: list[Payment] = []
        self.notes: list[CreditNote] = []
        self.resolutions: list[Resolution] = []

    def given_to(self, customer: str) -> Decimal:
        """All bad debt of a customer."""
        return sum((each.given_up for each in self.invoices if each.load.customer == customer), ZERO)

    def unapplied(self, payment: Payment) -> Decimal:
        return ZERO if payment.undone else payment.amount - payment.applied(self.invoices)

    # Loads and invoices -----------------------------------------------------------------------------------------

    def create_load(self, customer: str, line_haul: Decimal) -> str:
        self.loads.append(Load(customer, line_haul))
        return ""

    def generate_invoice(self, load: Load) -> str:
        if load.invoice is not None and not load.invoice.void:
            return "was already generated"
        load.invoice = Invoice(f"INV-{len(self.invoices) + 1:06}", load)
        self.invoices.append(load.invoice)
        load.invoice.revise()
        return ""

    def add_accessorial(self, load: Load, kind: str, amount: Decimal, note: str) -> str:
        if amount == 0:
            return REFUSED
        signed = amount if kind == CHARGE else -abs(amount)
        total = load.total + signed
        if total < 0:
            return "negative" if signed < 0 else REFUSED
        if signed < 0 and load.invoice is not None and not load.invoice.void and total < load.invoice.settled:
            return "is already credited by"
        load.charges.append(Charge(kind, signed, note))
        load.version += 1
        return ""

    def remove_accessorial(self, load: Load, charge: Charge) -> str:
        if load.total - charge.amount < 0:
            return REFUSED
        load.charges.remove(charge)
        load.version += 1
        return ""

    def regenerate_refused(self, load: Load) -> str:
        """The five conditions of the button, the first that fails."""
        invoice = load.invoice
        if invoice is None:
            return "Generate the invoice first."
        if invoice.void:
            return "is void"
        if payments := invoice.standing(PAID):
            return f"Delete payment {payments[0].payment.number} first"
        if load.total < 0 or load.total < invoice.settled:
            return "is already credited by"
        if not load.late:
            return "Nothing to regenerate: the charges still add up to"
        return ""

    def regenerate_invoice(self, load: Load) -> str:
        refused = self.regenerate_refused(load)
        if not refused:
            load.invoice.revise()
        return refused

    def void_invoice(self, load: Load) -> str:
        invoice = load.invoice
        if invoice is None or invoice.void or invoice.standing(PAID, LOST, CREDITED):
            return REFUSED
        invoice.void, invoice.revision = True, invoice.revision + 1
        invoice.total = invoice.lost_lines = invoice.conceded_lines = ZERO
        load.version += 1
        return ""

    # Money ------------------------------------------------------------------------------------------------------

    def record_payment(self, invoice: Invoice, amount: Decimal, pay_bill: bool = False, keep: bool = False) -> str:
        """`keep`: what exceeds the balance stays on account, the one click that is offered instead."""
        if invoice.void:
            return "is void"
        applied = min(amount, invoice.balance) if keep else amount
        rows = [Row(invoice, applied, pay_bill)] if applied or not amount else []
        return self._receive(invoice.load.customer, amount, rows)

    def collect(self, customer: str, received: Decimal, rows: list[Row]) -> str:
        """Money spread over invoices in one Save; a payment of zero belongs on an invoice."""
        return self._receive(customer, received, rows) if received > 0 else REFUSED

    def _receive(self, customer: str, received: Decimal, rows: list[Row]) -> str:
        """All of it or nothing."""
        given = ZERO
        for row in rows:
            if refused := self._row_refused(row, given):
                return refused
            given += row.lost
        if sum((row.applied for row in rows), ZERO) > received:
            return REFUSED
        payment = Payment(f"PMT-{len(self.payments) + 1:06}", customer, received)
        self.payments.append(payment)
        lost = [(row.invoice, row.lost) for row in rows if row.lost]
        for row in rows:
            row.invoice.settlements.append(Settlement(PAID, row.applied, payment))
        for invoice, amount in lost:
            self._issue(invoice, LOST, amount, payment)
        return ""

    def _row_refused(self, row: Row, given: Decimal) -> str:
        """The rule of the pay-off limit for one invoice; `given` is what the rows before it gave this customer."""
        left = row.invoice.balance - row.applied
        if left < 0:
            return "is bigger than the invoice balance"
        if row.applied == 0 and (row.pay_bill or row.bad_debt):
            return "Nothing is applied to this invoice"
        if row.bad_debt > left or (row.pay_bill and row.bad_debt not in (ZERO, left)):
            return REFUSED
        return self._too_much(row, given) if row.lost else ""

    def _too_much(self, row: Row, given: Decimal) -> str:
        """All limits that are set must allow; equal is allowed."""
        limit, cap, invoice = self.limits.invoice, self.limits.customer, row.invoice
        if limit is not None and invoice.given_up + row.lost > limit:
            return "pay off limit"
        before = self.given_to(invoice.load.customer) + given
        if cap is not None and before + row.lost > cap:
            return f"with the {before:.2f} USD given before"
        return ""

    def _issue(self, invoice: Invoice, kind: str, amount: Decimal, payment: Payment | None = None) -> None:
        note = CreditNote(f"CN-{len(self.notes) + 1:06}", invoice)
        self.notes.append(note)
        invoice.settlements.append(Settlement(kind, amount, payment, note))

    def assign_payment(self, payment: Payment, invoice: Invoice, amount: Decimal) -> str:
        """Money that stayed on account is applied later."""
        if not 0 < amount <= self.unapplied(payment) or amount > invoice.balance:
            return REFUSED
        invoice.settlements.append(Settlement(PAID, amount, payment))
        return ""

    def delete_payment(self, payment: Payment) -> str:
        if payment.undone:
            return REFUSED
        payment.undone = "Deleted"
        for invoice in self.invoices:
            for each in invoice.settlements:
                if each.payment is payment and each.stands:
                    each.stands = False
                    if each.note is not None:
                        each.note.reversed = True
        return ""

    def bounce_payment(self, payment: Payment) -> str:
        """As deleting it; and what was taken off in one step because of it is owed again."""
        if payment.undone:
            return REFUSED
        given = [(load, each) for load in self.loads for each in load.charges if each.resolved is payment]
        for load, charge in given:
            invoice = load.invoice
            left = sum((each.amount for each in invoice.standing(PAID) if each.payment is not payment), ZERO)
            total = load.total - charge.amount
            if not invoice.void and (total < left + invoice.settled or total == invoice.total):
                return REFUSED  # what others paid would not fit, or charges that wait make up for it
        self.delete_payment(payment)
        payment.undone = "Bounced"
        for load, charge in given:
            load.charges.remove(charge)
            load.version += 1
            if not load.invoice.void:
                load.invoice.revise()
        return ""

    # The short payment ------------------------------------------------------------------------------------------

    def resolve_short_payment(self, load: Load, kind: str, amount: Decimal | None, note: str) -> str:
        """Without a kind, charges that were changed before are what changes the total; without an amount all that is
        open is taken off."""
        invoice = load.invoice
        if invoice is None:
            return "Generate the invoice first."
        if invoice.void:
            return "is void"
        waiting = invoice.total - load.total
        if not kind:
            if not load.late or waiting > invoice.balance:
                return REFUSED
            return self._resolved(load, None)
        most = max(invoice.balance - waiting, ZERO)
        amount = most if amount is None else amount
        if invoice.balance == 0 or amount <= 0 or amount > most:
            return REFUSED
        if load.total - amount == invoice.total:
            return "Nothing to regenerate: the charges still add up to"
        payments = invoice.standing(PAID)
        return self._resolved(load, Charge(kind, -amount, note, payments[-1].payment if payments else None))

    def _resolved(self, load: Load, charge: Charge | None) -> str:
        if charge is not None:
            load.charges.append(charge)
        load.invoice.revise()
        self.resolutions.append(Resolution(load, load.invoice, load.invoice.revision, charge))
        return ""

    def undo_resolution(self, resolution: Resolution) -> str:
        """Once, and only while nothing was built on it."""
        load, invoice, charge = resolution.load, resolution.invoice, resolution.charge
        built_on = invoice is not load.invoice or invoice.revision != resolution.revision or load.late
        if resolution.undone or charge is None or built_on:
            return REFUSED
        load.charges.remove(charge)
        invoice.revise()
        resolution.undone = True
        return ""

    # Credit notes -----------------------------------------------------------------------------------------------

    def issue_credit_note(self, invoice: Invoice, kind: str, amount: Decimal) -> str:
        if invoice.void or amount <= 0 or amount > invoice.balance:
            return REFUSED
        self._issue(invoice, kind, amount)
        return ""

    def reverse_credit_note(self, note: CreditNote) -> str:
        if note.reversed:
            return REFUSED
        note.reversed = True
        for each in note.invoice.settlements:
            each.stands = each.stands and each.note is not note
        return ""
