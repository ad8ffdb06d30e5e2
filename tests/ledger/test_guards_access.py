"""What the application's login may not do at all, what even the owner may not, and what stays in its organization."""

import json
from uuid import uuid4

import psycopg
import pytest
from django.apps import apps
from django.conf import settings

from receivables.audit.canonical import VERSION
from receivables.audit.models import Seal
from receivables.audit.sealing import head, link
from tests.ledger.test_guards_journal import KEPT_ROWS, POSTED
from tests.support.attack import NO_PARENT, NO_RIGHT, make_books, refused, settle, sql
from tests.support.attack_rows import add_one_of_everything
from tests.support.races import other_connection

FORBIDDEN = [
    "SET session_replication_role = replica",
    "ALTER TABLE ledger_journalline DISABLE TRIGGER ALL",
    "ALTER TABLE ledger_journalline DISABLE TRIGGER zz_lines_posted",
    "DROP TRIGGER zz_lines_posted ON ledger_journalline",
    "ALTER TABLE ledger_openitem DROP CONSTRAINT open_item_balance_within_amount",
    "DROP TABLE core_event",
    "CREATE TABLE own (id int)",
    "CREATE TEMP TABLE ledger_journalline (id int)",
    "CREATE SCHEMA own",
    "CREATE OR REPLACE FUNCTION forbid_change() RETURNS trigger LANGUAGE sql AS ''",
    "CREATE FUNCTION own() RETURNS int LANGUAGE sql AS 'SELECT 1'",
    "CREATE RULE quiet AS ON INSERT TO ledger_journalline DO INSTEAD NOTHING",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "COPY core_event TO PROGRAM 'cat'",
    "COPY core_event FROM '/etc/passwd'",
    "SELECT pg_read_file('/etc/passwd')",
    "SELECT collections_payment_holds(1)",
    "SELECT setval('core_event_id_seq', 1)",
]


def test_the_application_may_neither_define_nor_bypass_anything(books):
    for statement in FORBIDDEN:
        with refused(NO_RIGHT, what=statement):
            sql(statement)
    with refused(NO_RIGHT):
        sql(f'SET ROLE "{settings.DATABASES["owner"]["USER"]}"')


def test_not_even_the_owner_changes_what_is_posted(committed_db):
    """Triggers refuse the owner as well, also in a replica session, which skips ordinary triggers."""
    make_books()
    with other_connection("owner", autocommit=True) as owner:
        for table in KEPT_ROWS:
            verbs = [f"TRUNCATE {table} CASCADE", f"DELETE FROM {table}"]
            if table in POSTED:
                verbs.append(f"UPDATE {table} SET organization_id = organization_id")
            rows = owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for verb in verbs[: 3 if rows else 1]:
                with pytest.raises(psycopg.Error) as caught:
                    owner.execute(verb)
                assert caught.value.sqlstate == "RV001", verb
            assert owner.execute(f"SELECT count(*) FROM {table}").fetchone()[0] == rows


def test_every_guard_fires_in_a_replica_session_too(db):
    ordinary = sql(
        "SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid"
        " WHERE NOT tgisinternal AND tgenabled <> 'A'"
        " AND relname ~ '^(ledger|billing|collections|customers|approvals|core|credit_control|automated)_'"
        " AND tgname !~ '^pgtrigger_'"
    )
    assert ordinary == []


# Organizations


def test_every_reference_between_rows_of_organizations_is_held_to_one(db):
    """A new foreign key without its composite twin is found here. Histories and sessions are no rows of the books."""
    held = set(
        sql(
            "SELECT c.conrelid::regclass::text, a.attname FROM pg_constraint c"
            " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
            " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.conname LIKE '%_org'"
        )
    )
    missing = [
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if model.__module__.startswith("receivables.") and _owned(model)
        for field in model._meta.fields
        if field.is_relation and field.name != "organization" and _owned(field.related_model)
        if (model._meta.db_table, field.column) not in held
    ]
    assert missing == []


def _owned(model):
    return any(field.name == "organization" for field in model._meta.fields) and "event" not in model.__name__.lower()


# What a copy must have of its own, by table or by key.
FRESH = {
    "approvals_authoritylimit": {"kind": "refund"},
    "approvals_approvaldecision_delegation_id_org": {"on_behalf_of_id": 1},
    "approvals_approvalquestion": {"answered_at": "2026-11-01", "answered_by_id": 1, "answer": "Because"},
    "ledger_journalentry": {"kind": "text", "reverses_id": None},
    "ledger_journalline": {"line_no": 99},
    "ledger_allocation": {"reverses_id": None},
    "ledger_allocation_taken_entry_id_org": {
        "reverses_id": None, "kind": "payment", "amount": 1, "taken": 1, "taken_currency": "CAD"},
    "ledger_exports_ledgerexport": {"number": "text", "sequence_number": 999_999},
    "ledger_exports_exportpart": {"number": 99},
    "ledger_exports_exportedentry": {"format": "iif"},
    "integrations_connectorsession": {"ticket": "text"},
    "webhooks_message": {"webhook_id": "text", "event_id": None},
    "incoming_incomingchange": {"remote_id": "text"},
    "linking_counterpart": {"key": "text"},
    "integrations_delivery": {"source_id": 999_999},
    "integrations_mapping": {"local_key": "text"},
    "billing_revision": {"number": 99},
    "billing_revisionline": {"line_no": 99},
    "billing_einvoice": {
        "number": "text", "kind": "correction", "document_type": "381", "sequence_number": 999_999, "net": 0, "tax": 0,
        "total": 0,
    },
    "billing_einvoice_credit_note_id_org": {
        "number": "text", "kind": "correction", "document_type": "383", "sequence_number": 999_999, "net": 1, "tax": 0,
        "total": 1, "invoice_id": None, "revision_id": None,
    },
    "billing_invoice": {"number": "text", "sequence_number": None, "open_item_id": "item"},
    "collections_payment": {"number": "text", "sequence_number": 999_999, "open_item_id": "item"},
    "collections_holding": {"open_item_id": "item"},
    "billing_load": {"number": "text"},
    "billing_taxcode": {"code": "text"},
    "billing_accessorialtype": {"name": "text"},
    "collections_bankaccount": {"name": "text"},
    "customers_agreementtype": {"code": "text"},
    "customers_customer": {"number": "text"},
    "customers_account": {"number": "text"},
    "customers_agreement": {"number": "text"},
    "ledger_glaccount": {"code": "text", "role": ""},
    "billing_reason": {"code": "text"},
    "automated_templateevent": {"sequence": 99},
    "automated_lettermail": {"message_id": "text"},
    "automated_writeoffcontrol": {"currency": "EUR"},
    "automated_writeoffcriterion": {"priority": 99},
    "billing_creditnote": {"number": "text", "sequence_number": 999_999},
    "billing_creditnoteline": {"line_no": 99},
    "billing_dispatch": {"message_id": "text"},
    "collections_batchitem": {"invoice_id": "invoice"},
    "billing_billedperiod": {"first_day": "2031-01-01", "last_day": "2031-01-31"},
    "billing_billingrunitem": {"state": "waiting", "invoice_id": None},
    "billing_billingrunitem_invoice_id_org": {"state": "billed"},
    "credit_control_collectioncriterion": {"priority": 99},
    "credit_control_collectioncriterion_late_fee_type_id_org": {"priority": 99, "late_fee": 1},
    "credit_control_monitorresult": {"currency": "EUR"},
    "credit_control_reminder": {"message_id": "text"},
    "credit_control_plan": {"ended_on": "2026-11-22", "ended_because": "cancelled"},
    "collections_paymentassignment_removes_id_org": {"kind": "removed"},
    "collections_refund": {"number": "text", "sequence_number": 999_999},
    "collections_bouncefee": {
        "number": "text", "sequence_number": 999_999, "open_item_id": "item", "bounced_id": "undone",
    },
    "collections_taxreliefclaim": {"number": "text", "sequence_number": 999_999},
    "writeoffs_writeoff": {"number": "text", "sequence_number": 999_999},
    "writeoffs_writeoff_bankruptcy_id_org": {"number": "text", "sequence_number": 999_999, "method": "bankruptcy"},
    "writeoffs_bankruptcy_account_id_org": {"new_account_id": "account"},
    "writeoffs_bankruptcy_new_account_id_org": {"account_id": "account"},
    "writeoffs_writeoffitem": {"open_item_id": "item"},
    "writeoffs_writeoffline": {"line_no": 99},
    "writeoffs_debttransfer": {"number": "text", "sequence_number": 999_999},
    "writeoffs_moveddebt": {"open_item_id": "item"},
    "writeoffs_writeoffreversal": {"step": 99},
    "writeoffs_writeoffbatchitem": {
        "account_id": "account", "state": "waiting", "write_off_id": None, "undo_state": "", "undo_id": None,
    },
    "collections_recovery": {"number": "text", "sequence_number": 999_999},
    "collections_payoff": {
        "allocation_id": "given up", "invoice_id": "given up on", "credit_note_id": "given up by",
    },
}  # fmt: skip
# Of which an organization has one: its own row is turned to the stranger instead.
ONE_EACH = {"collections_payoffpolicy", "writeoffs_writeoffsettings"}
# Where a trigger looks before the row is written and finds the stranger first.
FOUND_EARLIER = {
    "approvals_approvalquestion_request_id_org",
    "automated_processagreement_process_id_org", "automated_processagreement_agreement_id_org",
    "approvals_approvaldecision_request_id_org", "approvals_approvaldecision_delegation_id_org",
    "billing_dispatch_invoice_id_org", "billing_dispatch_revision_id_org",
    "credit_control_collectionprocess_debt_class_id_org", "billing_billedperiod_charge_id_org",
    "credit_control_planitem_plan_id_org", "credit_control_planitem_open_item_id_org",
    "billing_billedperiod_load_id_org", "billing_billingrunitem_invoice_id_org",
    "collections_payoff_allocation_id_org", "collections_payoff_credit_note_id_org",
    "collections_payoff_invoice_id_org", "collections_payoff_reason_id_org", "collections_payoff_asked_id_org",
    "collections_batchitem_resolution_id_org", "collections_batchitem_undo_id_org",
    "writeoffs_writeoffbatchitem_write_off_id_org", "writeoffs_writeoffbatchitem_undo_id_org",
    "collections_payoffpolicy_over_account_id_org",
}  # fmt: skip
# Which the application may not write at all: triggers do.
WRITTEN_BY_TRIGGER = {"writeoffs_registertotal", "writeoffs_registerline", "ledger_accounttotal", "ledger_counted"}


def seal_the_last_entry(books):
    """As the worker does, so that there are totals."""
    entry, at = sql("SELECT max(id), now() FROM ledger_journalentry WHERE organization_id = %s", books.org)[0]
    number, previous = head(books.org)
    sealed = link(previous, number + 1, "entry", entry, at, b"any")
    Seal.objects.create(
        organization_id=books.org, number=number + 1, kind="entry", row_id=entry, version=VERSION, sealed_at=at,
        digest=b"any", hash=sealed,
    )  # fmt: skip


def test_no_row_refers_to_another_organization(books):
    """Each composite key is tried with a copy of a real row that refers to the same kind of row of a stranger."""
    other = make_books("Rival")
    add_one_of_everything(books)
    add_one_of_everything(other)
    seal_the_last_entry(books)
    other.item()  # the newest, and no document's own
    keys = sql(
        "SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.conname LIKE '%_org' ORDER BY 1"
    )
    written_off = sql(
        "SELECT allocation_id, invoice_id, credit_note_id FROM billing_creditnoteline l JOIN billing_creditnote c"
        " ON c.id = l.credit_note_id JOIN billing_reason r ON r.id = c.reason_id"
        " WHERE r.kind = 'bad_debt' AND l.organization_id = %s ORDER BY l.id DESC LIMIT 1", books.org,
    )[0]  # fmt: skip
    given_up = dict(zip(("given up", "given up on", "given up by"), written_off, strict=True))
    undone = sql("SELECT max(id) FROM collections_paymentreversal WHERE organization_id = %s", books.org)[0][0]
    account = sql("SELECT max(id) FROM customers_account WHERE organization_id = %s", books.org)[0][0]
    tried = 0
    for name, table, target, column in keys:
        sample = sql(f"SELECT id FROM {table} WHERE organization_id = %s ORDER BY id LIMIT 1", books.org)
        stranger = sql(f"SELECT max(id) FROM {target} WHERE organization_id = %s", other.org)
        if not sample or stranger[0][0] is None:
            continue
        spare = books.item(kind="payment" if table.startswith("collections") else "invoice")
        words = {
            "text": uuid4().hex[:10], "item": spare, "invoice": books.void.pk, "undone": undone, "account": account,
            **given_up,
        }  # fmt: skip
        fresh = FRESH.get(name) or FRESH.get(table, {})
        changed = {key: words.get(value, value) for key, value in fresh.items()}
        changed[column] = stranger[0][0]
        early, closed = name in FOUND_EARLIER, table in WRITTEN_BY_TRIGGER
        state = NO_RIGHT if closed else "RV007" if early else NO_PARENT
        with refused(state, constraint="" if early or closed else name, what=name):
            if table in ONE_EACH:
                sql(f"UPDATE {table} SET {column} = %s WHERE id = %s", stranger[0][0], sample[0][0])
                settle()
            sql(
                f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || %s::jsonb"
                f" || jsonb_build_object('id', nextval(pg_get_serial_sequence('{table}', 'id'))))).* FROM {table} t"
                " WHERE id = %s",
                json.dumps(changed), sample[0][0],
            )  # fmt: skip
        tried += 1
    assert tried == len(keys), "every key was tried"
