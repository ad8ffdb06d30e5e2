"""The form in which a row is digested, written once: the same row gives the same bytes on every server, for ever.

A form is never changed, since old seals are checked with it: rows that get a new column get a new version. A test
holds the newest version to name every column.
"""

VERSION = 1

ENTRY = (
    "id", "organization_id", "kind", "source_type", "source_id", "document_date", "posting_date", "currency",
    "line_count", "total", "organization_total", "memo", "reverses_id", "posted_by_id", "posted_at",
)  # fmt: skip
LINE = (
    "id", "organization_id", "line_no", "gl_account_id", "currency", "amount", "organization_amount", "open_item_id",
    "opens", "agreement_id", "for_agreement_id", "memo",
)  # fmt: skip
EVENT = (
    "id", "organization_id", "name", "subject_type", "subject_id", "refs", "actor_user_id", "actor_name", "at",
    "reason", "data", "idempotency_key", "request_id",
)  # fmt: skip

AMOUNTS = frozenset({"total", "organization_total", "amount", "organization_amount"})
INSTANTS = frozenset({"posted_at", "at"})


def _value(alias: str, column: str) -> str:
    """A column without what differs between sessions and servers: zeros behind an amount, the zone of an instant."""
    if column in AMOUNTS:
        return f"trim_scale({alias}.{column})::text"
    if column in INSTANTS:
        return f"to_char({alias}.{column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    return f"{alias}.{column}"


def _array(alias: str, columns: tuple[str, ...], *more: str) -> str:
    return f"jsonb_build_array({', '.join([*(_value(alias, column) for column in columns), *more])})"


_LINES = (
    f"(SELECT coalesce(jsonb_agg({_array('l', LINE)} ORDER BY l.line_no, l.id), '[]'::jsonb)"  # noqa: S608
    " FROM ledger_journalline l WHERE l.entry_id = r.id)"
)

# Kind of seal -> the table of its rows, and the SQL of the digest of a row `r`.
TABLES = {"entry": "ledger_journalentry", "event": "core_event"}
DIGESTS = {
    "entry": f"sha256(convert_to({_array('r', ENTRY, _LINES)}::text, 'UTF8'))",
    "event": f"sha256(convert_to({_array('r', EVENT)}::text, 'UTF8'))",
}
