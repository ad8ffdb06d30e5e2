"""What independent programs make of an exported ledger: beancount as a library, hledger as a command."""

import shutil
import subprocess
from collections import defaultdict
from decimal import Decimal

from beancount import loader
from beancount.core import convert
from beancount.core.data import Transaction
from django.db import connection

from receivables.core.dates import today
from receivables.ledger_exports.models import ExportPart, LedgerExport
from receivables.ledger_exports.operations import export_ledger

HLEDGER = shutil.which("hledger")


def export_something(actor):
    """The first batch in beancount's format, with all that is posted."""
    return export_ledger(actor=actor, format="beancount", through=today(actor.organization))


def content(export):
    """The file of a batch."""
    return b"".join(bytes(part.content) for part in ExportPart.objects.filter(export=export).order_by("number"))


def live(actor, kind):
    return LedgerExport.objects.of(actor).filter(format=kind, withdrawn_at=None).order_by("pk")


def kept(actor, kind, folder):
    """The live batches of a format as files, and one that includes them all."""
    main = folder / f"main.{kind}"
    lines = []
    for export in live(actor, kind):
        (folder / f"{export.number}.{kind}").write_bytes(content(export))
        lines.append(f'include "{export.number}.{kind}"' if kind == "beancount" else f"include {export.number}.{kind}")
    main.write_text("\n".join([*lines, ""]))
    return main


def ours(actor):
    """Our own balances by code: (currency, amount) without zeros, and the total at home."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.code, l.currency, sum(l.amount), sum(l.organization_amount) FROM ledger_journalline l"
            " JOIN ledger_glaccount a ON a.id = l.gl_account_id WHERE l.organization_id = %s GROUP BY 1, 2",
            [actor.organization_id],
        )
        units, home = {}, defaultdict(Decimal)
        for code, currency, amount, value in cursor.fetchall():
            units[code, currency] = amount
            home[code] += value
    own = actor.organization.currency
    # In the foreign currency alone: what has a value only at home stands as an amount at home over there.
    foreign = {key: amount for key, amount in units.items() if amount and key[1] != own}
    return foreign, {code: amount for code, amount in home.items() if amount}


def by_beancount(main, home):
    """Errors, foreign balances and totals at home as beancount reads them."""
    entries, errors, _options = loader.load_file(str(main))
    units, totals, codes = defaultdict(Decimal), defaultdict(Decimal), {}
    for entry in entries:
        if type(entry).__name__ == "Open":
            codes[entry.account] = entry.meta["code"]
        if isinstance(entry, Transaction):
            for posting in entry.postings:
                code = codes[posting.account]
                if posting.units.currency != home:
                    units[code, posting.units.currency] += posting.units.number
                weight = convert.get_weight(posting)
                assert weight.currency == home
                totals[code] += weight.number
    cents = {code: round(amount, 6).normalize() + 0 for code, amount in totals.items()}
    return errors, {key: each for key, each in units.items() if each}, {c: a for c, a in cents.items() if a}


def hledger(*arguments):
    done = subprocess.run(
        [HLEDGER, *arguments], capture_output=True, text=True, check=False, env={"LC_ALL": "C.UTF-8"}
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def by_hledger(main):
    """Totals at home by code, as hledger adds them up, after its strict checks."""
    hledger("-f", str(main), "check", "-s")
    rows = hledger("-f", str(main), "balance", "-B", "--flat", "-N", "-O", "csv", "--no-elide").splitlines()[1:]
    found = {}
    for row in rows:
        account, _comma, amount = row.replace('"', "").partition(",")
        number = Decimal(amount.split(" ")[0])
        if number:
            found[account.split(":")[1].partition("-")[0]] = number
    return found
