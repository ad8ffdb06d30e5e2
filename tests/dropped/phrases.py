"""What written attacks are put together from: statements that add rows and entries like those that are there."""

import json
from typing import Any


def then(*statements: str) -> str:
    return "; ".join(statements)


def copy(table: str, where: str = "true", changed: dict[str, Any] | None = None, **looked_up: str) -> str:
    """Add a copy of the oldest row (of those `where` finds), with other values or what a query finds."""
    return copies(table, f"t.id = (SELECT min(f.id) FROM {table} f WHERE {where})", changed, **looked_up)


def copies(table: str, where: str, changed: dict[str, Any] | None = None, also: str = "", **looked_up: str) -> str:
    """Add a copy of each row that `where` finds, and what is `also` selected."""
    return f"INSERT INTO {table} {selected(table, where, changed, **looked_up)}{also and ' UNION ALL ' + also}"


def selected(table: str, where: str, changed: dict[str, Any] | None = None, **looked_up: str) -> str:
    found = {"id": f"nextval(pg_get_serial_sequence('{table}', 'id'))", **looked_up}
    given = ", ".join(f"'{name}', {query}" for name, query in found.items())
    return (
        f"SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || '{json.dumps(changed or {})}'"
        f" || jsonb_build_object({given}))).* FROM {table} t WHERE {where}"
    )


def twice(table: str, first: str, second: str) -> str:
    """Change the oldest row, and then once more."""
    return then(*(f"UPDATE {table} SET {each} WHERE id = (SELECT min(id) FROM {table})" for each in (first, second)))


def newest(table: str) -> str:
    return f"(SELECT max(id) FROM {table})"


# Entries

ENTRY, LINE, SETTLEMENT = "ledger_journalentry", "ledger_journalline", "ledger_allocation"
NOTHING_ELSE = "NULL::bigint, NULL::bigint, false"


def posted(*lines: tuple[str, int, str], day: str = "2026-11-03") -> str:
    """A whole entry: of each line the role or code of its account, or a query of it; its amount; its open item and
    agreement, and whether it opens the item."""
    total = sum(amount for _account, amount, _more in lines if amount > 0)
    header = {
        "kind": "attack", "source_type": "attack", "source_id": 1, "line_count": len(lines), "total": total,
        "organization_total": total, "currency": "USD", "posting_date": day, "reverses_id": None,
    }  # fmt: skip
    rows = ", ".join(
        f"({number}, {account if account.startswith('(') else repr(account)}, {amount}::numeric, {more})"
        for number, (account, amount, more) in enumerate(lines, 1)
    )
    return then(
        copy(ENTRY, changed=header),
        f"INSERT INTO {LINE} (organization_id, entry_id, line_no, gl_account_id, currency, amount, organization_amount,"
        " open_item_id, agreement_id, opens, memo)"
        " SELECT e.organization_id, e.id, l.line_no, g.id, e.currency, l.amount, l.amount, l.item, l.agreement,"
        f" l.opens, '' FROM (VALUES {rows}) AS l (line_no, account, amount, item, agreement, opens)"
        f" JOIN {ENTRY} e ON e.id = {newest(ENTRY)}"
        " JOIN ledger_glaccount g ON g.organization_id = e.organization_id AND l.account IN (g.code, g.role)",
    )


def entry_of(source: str, document: str) -> str:
    """What was booked first for a document."""
    return f"(SELECT min(f.id) FROM {ENTRY} f WHERE f.source_type = '{source}' AND f.source_id = {document})"


def booked(table: str, source: str, document: str, item: str = "") -> str:
    """What was booked first for an old document, once more for the newest one; on the newest open item, if it was
    on this one."""
    old = entry_of(source, document)
    items = f"CASE t.open_item_id WHEN {item} THEN {newest('ledger_openitem')} ELSE t.open_item_id END"
    return then(
        copies(ENTRY, f"t.id = {old}", source_id=newest(table)),
        copies(LINE, f"t.entry_id = {old}", entry_id=newest(ENTRY), open_item_id=items if item else "t.open_item_id"),
    )


def mirrored(entry: str, settlement: str = "", **more: str) -> str:
    """An entry that takes back another one, and with it a settlement."""
    was = f"(SELECT f.reverses_id FROM {ENTRY} f WHERE f.id = {newest(ENTRY)})"
    negative = {name: f"-t.{name}" for name in ("amount", "organization_amount")}
    taken_back = copies(SETTLEMENT, f"t.id = {settlement}", reverses_id="t.id", entry_id=newest(ENTRY))
    return then(
        copies(ENTRY, f"t.id = {entry}", reverses_id="t.id", kind="t.kind || ' back'", **more),
        copies(LINE, f"t.entry_id = {was}", entry_id=newest(ENTRY), **negative),
        *([taken_back] if settlement else []),
    )


# Documents


def numbered(table: str, kind: str, number: str, where: str, changed: dict[str, Any] | None = None, **more: str) -> str:
    """A copy of a document: with the number that comes next, taken as it should be, or with an invented one."""
    if number:
        return copy(table, where, {"number": number, "sequence_number": 999_999, **(changed or {})}, **more)
    sequence = f"core_sequence s WHERE s.kind = '{kind}' AND s.organization_id = t.organization_id"
    padded = "s.prefix || lpad(s.last::text, greatest(s.width, length(s.last::text)), '0')"
    own = {"sequence_number": f"(SELECT s.last FROM {sequence})", "number": f"(SELECT {padded} FROM {sequence})"}
    return then(
        f"UPDATE core_sequence s SET last = last + 1 FROM {table} t WHERE s.kind = '{kind}' AND s.organization_id ="
        f" t.organization_id AND t.id = (SELECT min(f.id) FROM {table} f WHERE {where})",
        copy(table, where, changed, **own, **more),
    )


def revised(invoice: str, changed: dict[str, Any] | None = None, lines: str = "", also: str = "", **more: str) -> str:
    """The next revision of an invoice, which says what the newest one says but for what is changed: of the revision,
    or, where a name begins with `line_`, of its lines."""
    last = f"(SELECT max(f.id) FROM billing_revision f WHERE f.invoice_id = {invoice})"
    before = last.replace("WHERE", f"WHERE f.id < {newest('billing_revision')} AND", 1)
    own = {"revision_id": newest("billing_revision")}
    of_lines = {name.removeprefix("line_"): query for name, query in more.items() if name.startswith("line_")}
    of_it = {name: query for name, query in more.items() if not name.startswith("line_")}
    head = {"cause": "regenerated", **(changed or {})}
    return then(
        copies("billing_revision", f"t.id = {last}", head, **{"number": "t.number + 1", **of_it}),
        copies("billing_revisionline", f"t.revision_id = {before}{lines}", also=also, **own, **of_lines),
        copies("billing_revisiontax", f"t.revision_id = {before}", **own),
    )


def line(number: int, kind: str, amount: int) -> str:
    """One more line of the newest revision."""
    changed = {
        "line_no": number, "kind": kind, "net": amount, "tax": 0, "tax_rate": 0, "total": amount, "load_id": None,
        "tax_code_id": None,
    }  # fmt: skip
    oldest = "t.id = (SELECT min(f.id) FROM billing_revisionline f)"
    return selected("billing_revisionline", oldest, changed, revision_id=newest("billing_revision"))


def billed_nothing(sequence_number: int | None, **more: str) -> str:
    """An invoice over nothing, so that the ledger needs no entry of it."""
    nothing = dict.fromkeys(("net", "tax", "total", "organization_total", "line_count"), 0)
    number = {"number": "FRESH-1"}
    head = {**number, "sequence_number": sequence_number}
    return then(
        copy("ledger_openitem", "f.kind = 'invoice'", number, **more),
        copy("billing_invoice", "NOT f.summary", head, open_item_id=newest("ledger_openitem"), **more),
        copy("billing_revision", "f.number = 1", nothing, invoice_id=newest("billing_invoice")),
    )
