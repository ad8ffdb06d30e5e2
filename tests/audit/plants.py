"""What somebody with the owner's login could do to the books: one corruption for each check.

Each plant picks the row that the check has to name, and changes rows so that this check alone finds something. `%(id)s`
in its statements is what it picked. Tables are the ones whose guards are in the way.
"""

# ruff: noqa: E501  statements read best whole

from dataclasses import dataclass

# Lines of ordinary accounts, in entries that neither reverse nor were reversed, moving no item.
PLAIN = """ledger_journalline l JOIN ledger_journalentry e ON e.id = l.entry_id
    JOIN ledger_glaccount g ON g.id = l.gl_account_id
    WHERE l.open_item_id IS NULL AND g.role = '' AND e.reverses_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM ledger_journalentry r WHERE r.reverses_id = e.id)"""


@dataclass(frozen=True)
class Plant:
    check: str
    pick: str
    do: tuple[str, ...]


def copy(table: str, row: str, **changed: str) -> str:
    """A copy of a row under a new key, with other values (as SQL)."""
    values = ", ".join(f"'{column}', {value}" for column, value in changed.items())
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || jsonb_build_object('id',"
        f" nextval(pg_get_serial_sequence('{table}', 'id')), {values}))).* FROM {table} t WHERE id = ({row})"
    )


def moved_to(role: str) -> tuple[str, ...]:
    """A plain line is booked to the account of a role."""
    return (
        f"UPDATE ledger_journalline SET gl_account_id = %(id)s WHERE id = (SELECT l.id FROM {PLAIN}"
        f" AND l.organization_id = (SELECT organization_id FROM ledger_glaccount WHERE role = '{role}' LIMIT 1) LIMIT 1)",
    )


UNPAID = "SELECT id FROM ledger_openitem WHERE kind = 'invoice' AND balance = amount AND balance > 5 AND NOT voided"
LIVE = "a.reverses_id IS NULL AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = a.id)"
OTHER_PAYMENT = "(SELECT a.id FROM ledger_allocation a WHERE a.kind = 'bad_debt' AND a.credit_item_id IS NULL LIMIT 1)"
GIVEN_UP = "SELECT id FROM ledger_allocation WHERE debit_item_id = %(id)s AND kind = 'bad_debt'"
AGREEMENT = "SELECT agreement_id FROM ledger_openitem WHERE id = %(id)s"

# What a planted change of an entry's days would also leave wrong.
SAME_DAYS = """UPDATE ledger_openitem i SET (first_posted, last_posted, moved_at) = (
    SELECT min(e.posting_date), max(e.posting_date), max(e.posted_at) FROM ledger_journalline l
      JOIN ledger_journalentry e ON e.id = l.entry_id WHERE l.open_item_id = i.id)"""

PLANTS = [
    Plant("entries_balance", "SELECT id FROM ledger_journalentry LIMIT 1",
          ("UPDATE ledger_journalentry SET total = total + 1 WHERE id = %(id)s",)),
    Plant("clearing_is_empty", "SELECT id FROM ledger_glaccount WHERE role = 'currency_clearing' LIMIT 1",
          moved_to("currency_clearing")),
    Plant("lines_are_money", f"SELECT l.entry_id FROM {PLAIN} LIMIT 1",
          ("UPDATE ledger_journalline SET currency = 'EUR' WHERE open_item_id IS NULL AND entry_id = %(id)s",)),
    Plant("lines_are_numbered", f"SELECT l.entry_id FROM {PLAIN} LIMIT 1",
          ("UPDATE ledger_journalline SET line_no = line_no + 1 WHERE entry_id = %(id)s",)),
    Plant("numbers_have_no_gap", "SELECT id FROM core_sequence WHERE kind = 'refund' AND last > 0",
          ("UPDATE core_sequence SET last = last + 1 WHERE id = %(id)s",)),
    Plant("closed_months_are_closed", "SELECT id FROM ledger_journalentry LIMIT 1",
          ("UPDATE ledger_journalentry SET posting_date = '2001-01-15' WHERE id = %(id)s", SAME_DAYS,
           "INSERT INTO ledger_period (organization_id, month, closed_at, closed_by_id) SELECT organization_id,"
           " '2001-01-01', '2002-01-01', posted_by_id FROM ledger_journalentry WHERE id = %(id)s")),
    Plant("sources_post_once", "SELECT max(id) FROM ledger_journalentry WHERE source_type = 'collections.payment'",
          ("UPDATE ledger_journalentry e SET (kind, source_id) = (SELECT kind, source_id FROM ledger_journalentry f"
           " WHERE f.source_type = e.source_type AND f.organization_id = e.organization_id AND f.id < e.id LIMIT 1)"
           " WHERE id = %(id)s",)),
    Plant("reversals_mirror_once",
          "SELECT e.id FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id"
          " AND l.for_agreement_id IS NOT NULL WHERE e.reverses_id IS NOT NULL LIMIT 1",
          ("UPDATE ledger_journalline SET for_agreement_id = NULL WHERE entry_id = %(id)s",)),
    Plant("control_account_ties", "SELECT organization_id FROM ledger_journalentry LIMIT 1",
          ("UPDATE customers_agreementtype t SET gl_account_id = (SELECT id FROM ledger_glaccount g WHERE g.role ="
           " 'unapplied' AND g.organization_id = t.organization_id) WHERE code = 'FREIGHT' AND organization_id = %(id)s",)),
    Plant("lines_fit_their_items",
          f"SELECT min(entry_id) FROM ledger_journalline WHERE open_item_id IN ({UNPAID})"
          " GROUP BY open_item_id HAVING count(*) = 1 LIMIT 1",
          ("UPDATE ledger_openitem SET agreement_id = NULL WHERE id = (SELECT open_item_id FROM ledger_journalline"
           " WHERE entry_id = %(id)s AND open_item_id IS NOT NULL)",)),
    Plant("posted_in_order", "SELECT max(id) FROM ledger_journalentry",
          ("UPDATE ledger_journalentry SET posted_at = posted_at - interval '3 days' WHERE id = %(id)s", SAME_DAYS)),
    Plant("items_are_their_lines", f"{UNPAID} LIMIT 1",
          ("UPDATE ledger_openitem SET organization_balance = organization_balance - 0.01 WHERE id = %(id)s",)),
    Plant("items_know_their_days", f"{UNPAID} LIMIT 1",
          ("UPDATE ledger_openitem SET last_posted = last_posted + 1 WHERE id = %(id)s",)),
    Plant("balances_are_within_amounts", "SELECT id FROM ledger_openitem WHERE kind = 'write_off' AND balance > 0 LIMIT 1",
          ("UPDATE ledger_journalline SET opens = false WHERE open_item_id = %(id)s",
           "UPDATE ledger_openitem SET amount = 0, organization_amount = 0 WHERE id = %(id)s")),
    Plant("settlements_are_posted",
          f"SELECT a.debit_item_id FROM ledger_allocation a WHERE a.kind = 'bad_debt' AND a.credit_item_id IS NULL"
          f" AND a.entry_id IS NOT NULL AND {LIVE} LIMIT 1",
          ("UPDATE ledger_allocation SET entry_id = (SELECT id FROM ledger_journalentry e WHERE e.organization_id ="
           " ledger_allocation.organization_id ORDER BY id LIMIT 1) WHERE debit_item_id = %(id)s AND kind = 'bad_debt'",)),
    Plant("what_is_given_up_has_its_document",
          "SELECT a.debit_item_id FROM ledger_allocation a JOIN billing_creditnoteline c ON c.allocation_id = a.id"
          " JOIN collections_payoff p ON p.allocation_id = a.id WHERE a.kind = 'bad_debt' LIMIT 1",
          (f"DELETE FROM collections_payoff WHERE allocation_id IN ({GIVEN_UP})",
           f"UPDATE billing_creditnote SET (net, tax, total, line_count) = (0, 0, 0, 0) WHERE id IN"
           f" (SELECT credit_note_id FROM billing_creditnoteline WHERE allocation_id IN ({GIVEN_UP}))",
           f"DELETE FROM billing_creditnoteline WHERE allocation_id IN ({GIVEN_UP})")),
    Plant("settlements_are_counted", f"{UNPAID} LIMIT 1",
          ("UPDATE ledger_openitem SET live_settlements = live_settlements + 1 WHERE id = %(id)s",)),
    Plant("void_documents_hold_nothing", f"{UNPAID} AND live_settlements = 0 LIMIT 1",
          ("UPDATE ledger_openitem SET voided = true WHERE id = %(id)s",)),
    Plant("settlements_are_undone_exactly",
          "SELECT debit_item_id FROM ledger_allocation WHERE reverses_id IS NOT NULL ORDER BY id LIMIT 1",
          ("UPDATE ledger_allocation SET currency = 'EUR' WHERE id = (SELECT id FROM ledger_allocation"
           " WHERE reverses_id IS NOT NULL ORDER BY id LIMIT 1)",)),
    Plant("agreements_are_their_lines", "SELECT agreement_id FROM ledger_agreementtransaction ORDER BY id LIMIT 1",
          ("UPDATE ledger_agreementtransaction SET current_effect = current_effect + 1"
           " WHERE id = (SELECT min(id) FROM ledger_agreementtransaction)",)),
    Plant("agreement_states_agree",
          "SELECT id FROM customers_agreement WHERE state = 'active' AND payoff_balance > 0 LIMIT 1",
          ("UPDATE customers_agreement SET state = 'closed' WHERE id = %(id)s",)),
    Plant("no_revision_under_a_payment",
          f"SELECT i.id FROM billing_invoice i JOIN ledger_allocation a ON a.debit_item_id = i.open_item_id"
          f" AND a.kind = 'payment' AND {LIVE} WHERE i.current_revision > 1 LIMIT 1",
          ("UPDATE billing_revision SET created_at = created_at + interval '1 year'"
           " WHERE invoice_id = %(id)s AND number = 2",)),
    Plant("the_ledger_says_the_newest_revision", "SELECT id FROM billing_invoice WHERE current_revision = 1 LIMIT 1",
          ("UPDATE billing_revision SET currency = 'EUR' WHERE invoice_id = %(id)s",)),
    Plant("revisions_add_up", "SELECT id FROM billing_invoice WHERE current_revision = 1 LIMIT 1",
          ("UPDATE billing_revisionline SET net = net + 1 WHERE line_no = 1"
           " AND revision_id = (SELECT id FROM billing_revision WHERE invoice_id = %(id)s)",)),
    Plant("credit_notes_add_up", "SELECT id FROM billing_creditnote LIMIT 1",
          ("UPDATE billing_creditnoteline SET net = net + 1 WHERE credit_note_id = %(id)s AND line_no = 1",)),
    Plant("reversed_credit_notes_settle_nothing",
          f"SELECT l.credit_note_id FROM billing_creditnoteline l JOIN ledger_allocation a ON a.id = l.allocation_id"
          f" WHERE {LIVE} LIMIT 1",
          (copy("billing_creditnotereversal", "SELECT min(id) FROM billing_creditnotereversal", credit_note_id="%(id)s"),)),
    Plant("payments_stay_within_themselves",
          "SELECT p.id FROM collections_payment p JOIN collections_paymentreversal r ON r.payment_id = p.id"
          " JOIN ledger_allocation a ON a.credit_item_id = p.open_item_id LIMIT 1",
          ("UPDATE collections_payment SET amount = -1 WHERE id = %(id)s",)),
    Plant("payments_are_accounted_for",
          "SELECT p.id FROM collections_payment p WHERE NOT EXISTS"
          " (SELECT 1 FROM collections_paymentreversal r WHERE r.payment_id = p.id) LIMIT 1",
          ("UPDATE collections_payment SET amount = amount + 1 WHERE id = %(id)s",)),
    Plant("held_money_is_what_was_put_there", "SELECT payment_id FROM collections_holding LIMIT 1",
          ("UPDATE collections_holding SET amount = amount + 1 WHERE payment_id = %(id)s",)),
    Plant("changes_over_there_are_recorded_once", "SELECT max(id) FROM collections_payment",
          tuple(copy("incoming_incomingchange", "SELECT min(id) FROM incoming_incomingchange", payment_id="%(id)s",
                     remote_id=f"'{number}'") for number in (1, 2))),
    Plant("undone_payments_pay_nothing", "SELECT min(payment_id) FROM collections_paymentreversal",
          (copy("collections_paymentreversal",
                "SELECT id FROM collections_paymentreversal WHERE payment_id = %(id)s", reason="'Again'"),)),
    Plant("only_own_settlements_are_taken_off",
          "SELECT payment_id FROM collections_paymentassignment WHERE removes_id IS NOT NULL LIMIT 1",
          (f"UPDATE collections_paymentassignment SET removes_id = {OTHER_PAYMENT}"
           " WHERE payment_id = %(id)s AND removes_id IS NOT NULL",)),
    Plant("pay_offs_fall_with_their_payment",
          "SELECT r.payment_id FROM collections_paymentreversal r WHERE NOT EXISTS"
          " (SELECT 1 FROM collections_payoff p WHERE p.payment_id = r.payment_id) LIMIT 1",
          (copy("collections_payoff",
                f"SELECT p.id FROM collections_payoff p JOIN ledger_allocation a ON a.id = p.allocation_id"
                f" WHERE p.asked_id IS NULL AND {LIVE} LIMIT 1", payment_id="%(id)s"),)),
    Plant("tax_relief_falls_with_its_bad_debt",
          "SELECT i.id FROM ledger_allocation u JOIN billing_invoice i ON i.open_item_id = u.debit_item_id"
          " WHERE u.reverses_id IS NOT NULL ORDER BY u.id LIMIT 1",
          ("UPDATE collections_taxrelief SET allocation_id = (SELECT reverses_id FROM ledger_allocation"
           " WHERE reverses_id IS NOT NULL ORDER BY id LIMIT 1) WHERE id = (SELECT max(id) FROM collections_taxrelief)",)),
    Plant("pay_offs_were_granted", "SELECT payment_id FROM collections_payoffrequest LIMIT 1",
          ("UPDATE collections_payoff SET asked_id = (SELECT id FROM collections_payoffrequest WHERE payment_id = %(id)s"
           " LIMIT 1) WHERE payment_id = %(id)s",)),
    Plant("recovered_within_what_was_given_up",
          "SELECT invoice_id FROM collections_recovery ORDER BY id DESC LIMIT 1",
          ("UPDATE collections_recovery SET allocation_id = NULL WHERE id = (SELECT max(id) FROM collections_recovery)",
           "UPDATE billing_revision SET bad_debt = 0 WHERE invoice_id = %(id)s")),
    Plant("nobody_decides_alone", "SELECT request_id FROM approvals_approvaldecision ORDER BY id LIMIT 1",
          ("UPDATE approvals_approvalrequest SET requested_by_id = decided_by_id WHERE id = %(id)s",)),
    Plant("transfers_net_to_zero", "SELECT id FROM ledger_glaccount WHERE role = 'transfer' LIMIT 1",
          moved_to("transfer")),
    Plant("write_offs_are_their_entries", "SELECT write_off_id FROM writeoffs_writeoffline ORDER BY id LIMIT 1",
          ("UPDATE writeoffs_writeoffline l SET source_agreement_id = (SELECT min(id) FROM customers_agreement a"
           " WHERE a.organization_id = l.organization_id AND a.id <> l.source_agreement_id) WHERE write_off_id = %(id)s",)),
    Plant("bankruptcies_take_no_payment",
          "SELECT DISTINCT o.id FROM ledger_openitem o JOIN ledger_allocation a ON a.debit_item_id = o.id"
          " WHERE a.kind = 'payment' AND o.agreement_id = (SELECT min(agreement_id) FROM ledger_openitem"
          " WHERE live_payments > 0) ORDER BY o.id",
          (copy("customers_agreementtype", f"SELECT type_id FROM customers_agreement WHERE id = ({AGREEMENT})",
                code="'NONE'", payment_segment_type="''"),
           "UPDATE customers_agreement SET type_id = (SELECT max(id) FROM customers_agreementtype)"
           f" WHERE id = ({AGREEMENT})")),
    Plant("write_offs_add_up", "SELECT id FROM writeoffs_writeoff LIMIT 1",
          ("UPDATE writeoffs_writeoff SET amount = amount + 1 WHERE id = %(id)s",)),
    Plant("moved_debt_adds_up", "SELECT id FROM writeoffs_debttransfer LIMIT 1",
          ("UPDATE writeoffs_debttransfer SET amount = amount + 1 WHERE id = %(id)s",)),
    Plant("tallies_of_batches_tie", "SELECT id FROM writeoffs_writeoffbatch LIMIT 1",
          ("UPDATE writeoffs_writeoffbatch SET tally = '{}' WHERE id = %(id)s",)),
    Plant("register_is_the_ledger", "SELECT min(a.id) FROM customers_agreement a WHERE a.type_id ="
          " (SELECT type_id FROM writeoffs_registertotal ORDER BY id LIMIT 1)",
          (copy("writeoffs_registertotal", "SELECT min(id) FROM writeoffs_registertotal", reason="'of no line'"),)),
    Plant("register_is_the_ledger", "SELECT min(agreement_id) FROM writeoffs_registerline",
          ("UPDATE writeoffs_registertotal SET amount = amount + 1 WHERE id = (SELECT min(total_id)"
           " FROM writeoffs_registerline WHERE agreement_id = %(id)s)",)),
    Plant("references_stay_at_home", "SELECT 'collections_paymentattachment.payment_id ' || min(id)"
          " FROM collections_paymentattachment",
          ("UPDATE collections_paymentattachment SET payment_id = 999999"
           " WHERE id = (SELECT min(id) FROM collections_paymentattachment)",)),
    Plant("totals_are_their_lines", "SELECT id FROM ledger_glaccount LIMIT 1",
          ("INSERT INTO ledger_accounttotal (organization_id, gl_account_id, day, amount) SELECT organization_id, id,"
           " '2026-01-31', 1 FROM ledger_glaccount WHERE id = %(id)s",)),
    Plant("requests_have_one_effect", "SELECT nextval(pg_get_serial_sequence('core_idempotencykey', 'id')) + 1",
          ("INSERT INTO core_idempotencykey (organization_id, key, user_id, request_hash, location, message, created_at)"
           " SELECT m.organization_id, 'aaaaaaaa-0000-0000-0000-000000000000', m.user_id, '', '', '', now()"
           " FROM (SELECT * FROM accounts_membership LIMIT 1) m, generate_series(1, 2)",)),
    Plant("deliveries_are_made_once",
          "SELECT 'integrations_delivery ' || nextval(pg_get_serial_sequence('integrations_delivery', 'id')) + 1",
          (copy("integrations_delivery", "SELECT min(id) FROM integrations_delivery", tries="7"),)),
    Plant("the_application_owns_nothing", "SELECT 'core_event TRUNCATE'",
          ("GRANT TRUNCATE ON core_event TO {application}",)),
    Plant("the_application_owns_nothing", "SELECT 'ledger_journalline amount UPDATE'",
          ("GRANT UPDATE (amount) ON ledger_journalline TO {application}",)),
    Plant("the_application_owns_nothing", "SELECT 'ledger_journalline DELETE'",
          ("GRANT DELETE ON ledger_journalline TO PUBLIC",)),
    Plant("the_application_owns_nothing", "SELECT 'django_migrations INSERT'",
          ("GRANT INSERT ON django_migrations TO {application}",)),
    Plant("the_application_owns_nothing", "SELECT 'collections_payment_holds(bigint)'",
          ("GRANT EXECUTE ON FUNCTION collections_payment_holds(bigint) TO {application}",)),
]  # fmt: skip

# What somebody could do to the guards themselves; planted while all of them are there.
GUARDS = [
    Plant("guards_are_on", f"SELECT '{found}'", (do,))
    for found, do in (
        ("core_event aa_append_only", "ALTER TABLE core_event DISABLE TRIGGER aa_append_only"),
        ("core_sequence invoice_numbers_used", "ALTER TABLE core_sequence ENABLE TRIGGER invoice_numbers_used"),
        ("customers_agreement zzz_awaits_final_bill", "ALTER TABLE customers_agreement ENABLE REPLICA TRIGGER zzz_awaits_final_bill"),
        ("ledger_journalline zz_lines_posted", "DROP TRIGGER zz_lines_posted ON ledger_journalline"),
        ("core_event aa_no_truncate",
         "DROP TRIGGER aa_no_truncate ON core_event; CREATE TRIGGER aa_no_truncate BEFORE TRUNCATE ON core_event"
         " EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1();"
         " ALTER TABLE core_event ENABLE ALWAYS TRIGGER aa_no_truncate"),
        ("ledger_openitem open_item_balance_within_amount",
         "ALTER TABLE ledger_openitem DROP CONSTRAINT open_item_balance_within_amount"),
        ("ledger_journalline ledger_journalline_entry_id_org",
         "ALTER TABLE ledger_journalline DROP CONSTRAINT ledger_journalline_entry_id_org"),
        ("ledger_allocation ledger_allocation_taken_alone", "DROP INDEX ledger_allocation_taken_alone"),
        ("ledger_journalentry ledger_journalentry_reverses_id_key",
         "ALTER TABLE ledger_journalentry DROP CONSTRAINT ledger_journalentry_reverses_id_key"),
        ("forbid_change text", "CREATE OR REPLACE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql AS"
         " $$BEGIN RETURN coalesce(NEW, OLD); END$$"),
        ("money_ok text", "CREATE OR REPLACE FUNCTION money_ok(amount numeric, currency text) RETURNS boolean"
         " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN true"),
    )
]  # fmt: skip
