"""The ways of writing the ledger down for other programs; adding one is a module and a line in `FORMATS`."""

from receivables.ledger_exports.formats.base import Writer
from receivables.ledger_exports.formats.beancount import Beancount
from receivables.ledger_exports.formats.iif import IIF
from receivables.ledger_exports.formats.ledger_csv import LedgerCSV
from receivables.ledger_exports.formats.ledger_journal import HLedger

FORMATS: dict[str, type[Writer]] = {"csv": LedgerCSV, "iif": IIF, "beancount": Beancount, "hledger": HLedger}
