"""Triggers that refuse nothing but keep a figure or a lock: a statement, and what is another without them."""

from tests.dropped.documents import BARRED, ITEM, on_debt
from tests.dropped.phrases import NOTHING_ELSE, copy, newest, posted, then

AGREEMENT, BATCH, BATCHED = "customers_agreement", "writeoffs_writeoffbatch", "writeoffs_writeoffbatchitem"
WITHDRAWAL = "writeoffs_bankruptcywithdrawal"
TALLIES = f"SELECT tally FROM {BATCH} ORDER BY id"
UNCOUNTED = (
    "(SELECT min(s.id) FROM audit_seal s WHERE s.number = (SELECT max(n.number) FROM audit_seal n"
    " WHERE n.organization_id = s.organization_id)"
    " AND s.organization_id NOT IN (SELECT organization_id FROM ledger_counted))"
)
NEXT_SEAL = (  # of the newest entry, as the worker makes it
    "INSERT INTO audit_seal (organization_id, number, kind, row_id, version, sealed_at, digest, hash)"
    " SELECT organization_id, number, 'entry', entry, version, now(), '\\x00', sha256(hash || '\\x00'::bytea ||"
    " convert_to(concat_ws('|', number, 'entry', entry, version, to_char(now() AT TIME ZONE 'UTC',"
    " 'YYYY-MM-DD\"T\"HH24:MI:SS.US')), 'UTF8')) FROM (SELECT b.organization_id, b.number + 1 AS number, b.version,"
    " b.hash, (SELECT max(e.id) FROM ledger_journalentry e WHERE e.organization_id = b.organization_id) AS entry"
    f" FROM audit_seal b WHERE b.id = {UNCOUNTED}) s"
)


def unkeyed(table: str, target: str) -> str:
    """Drop the keys of a table to another one, which lock as well."""
    return (
        "DO $$ DECLARE name text; BEGIN FOR name IN SELECT conname FROM pg_constraint WHERE contype = 'f'"
        f" AND conrelid = '{table}'::regclass AND confrelid = '{target}'::regclass LOOP"
        f" EXECUTE format('ALTER TABLE {table} DROP CONSTRAINT %I', name); END LOOP; END $$"
    )


# The statement, and the figure; without one the audit is asked.
COMPUTED: dict[str, tuple[str, str]] = {
    "audit_seal zz_sealed_is_counted": (NEXT_SEAL, "SELECT count(*), sum(abs(amount)) FROM ledger_accounttotal"),
    "billing_invoice aa_born": (
        then(
            copy(ITEM, "f.kind = 'invoice'", {"number": "FRESH-1"}),
            copy("billing_invoice", changed={"number": "FRESH-1", "sequence_number": None, "current_revision": 5},
                 open_item_id=newest(ITEM)),
        ),
        f"SELECT current_revision, voided_at FROM billing_invoice WHERE id = {newest('billing_invoice')}",
    ),
    "core_event zz_note_changes": (copy("core_event"), "SELECT count(*) FROM integrations_change"),
    "core_event zz_note_events": (copy("core_event"), "SELECT count(*) FROM webhooks_pending"),
    f"{AGREEMENT} aa_born_empty": (copy(AGREEMENT, changed={"number": "FRESH-1", "payoff_balance": 7}), ""),
    f"{AGREEMENT} ab_holds_type": (
        then(unkeyed(AGREEMENT, f"{AGREEMENT}type"), copy(AGREEMENT, changed={"number": "FRESH-1"})),
        f"SELECT y.xmax::text FROM {AGREEMENT}type y ORDER BY y.id",  # who locked it last
    ),
    f"{AGREEMENT} zz_agreements_left": (
        then("UPDATE automated_writeoffcontrol SET inactive_threshold = 999999",
             f"UPDATE {AGREEMENT} SET version = version"),
        "SELECT count(*) FROM automated_processagreement WHERE active",
    ),
    f"{AGREEMENT} zzz_awaits_final_bill": (
        f"UPDATE {AGREEMENT} SET state = 'stopped', awaits_final_bill = true WHERE id = (SELECT min(id) FROM"
        f" {AGREEMENT} WHERE state = 'active' AND payoff_balance = 0 AND current_balance = 0)",
        f"SELECT count(*) FROM {AGREEMENT} WHERE state = 'closed' AND awaits_final_bill",
    ),
    "ledger_agreementtransaction zz_register_written": (
        posted(on_debt(BARRED, 5, True), ("4000", -5, NOTHING_ELSE)), "",
    ),
    f"{ITEM} aa_born_empty": (
        copy(ITEM, "f.kind = 'invoice'", {"number": "FRESH-1", "amount": 7, "balance": 7}), "",
    ),
    f"{WITHDRAWAL} ab_bankruptcy_held": (
        then(
            unkeyed(WITHDRAWAL, "writeoffs_bankruptcy"),
            copy(WITHDRAWAL, bankruptcy_id="(SELECT min(b.id) FROM writeoffs_bankruptcy b WHERE b.id NOT IN"
                 f" (SELECT w.bankruptcy_id FROM {WITHDRAWAL} w))"),
        ),
        "SELECT b.xmax::text FROM writeoffs_bankruptcy b ORDER BY b.id",
    ),
    f"{BATCH} aa_tally_born": (copy(BATCH), f"SELECT tally FROM {BATCH} WHERE id = {newest(BATCH)}"),
    f"{BATCHED} zz_tally_added": (
        copy(BATCHED, changed={"state": "waiting", "write_off_id": None, "undo_state": "", "undo_id": None},
             account_id="(SELECT max(a.id) FROM customers_account a WHERE a.organization_id = t.organization_id)"),
        TALLIES,
    ),
    f"{BATCHED} zz_tally_moved": (f"UPDATE {BATCHED} SET code = 'x'", TALLIES),
}  # fmt: skip
