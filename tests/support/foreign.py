"""A copy of a real row of each table that refers to another organization's row, for every composite key (J8)."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from receivables.audit.canonical import VERSION
from receivables.audit.models import Seal
from receivables.audit.sealing import head, link
from tests.support.attack import Books, sql

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


def seal_the_last_entry(books: Books) -> None:
    """As the worker does, so that there are totals."""
    entry, at = sql("SELECT max(id), now() FROM ledger_journalentry WHERE organization_id = %s", books.org)[0]
    number, previous = head(books.org)
    sealed = link(previous, number + 1, "entry", entry, at, b"any")
    Seal.objects.create(
        organization_id=books.org, number=number + 1, kind="entry", row_id=entry, version=VERSION, sealed_at=at,
        digest=b"any", hash=sealed,
    )  # fmt: skip


@dataclass(frozen=True)
class ForeignReference:
    """An attack on one composite key. Of what an organization has but one, its own row is turned first (`instead`)."""

    key: str
    table: str
    column: str
    statement: str
    values: tuple[Any, ...]
    instead: str = ""
    turned: tuple[Any, ...] = ()


def composite_keys() -> list[tuple[str, str, str, str]]:
    """Name, table, target and column of every key that holds a reference to one organization."""
    return sql(
        "SELECT c.conname, c.conrelid::regclass::text, c.confrelid::regclass::text, a.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]"
        " WHERE c.contype = 'f' AND cardinality(c.conkey) = 2 AND c.conname LIKE '%_org' ORDER BY 1"
    )


def copy_of(table: str, changed: dict[str, Any], row: int) -> tuple[str, tuple[Any, ...]]:
    """The statement that adds a copy of a row under a new id, with other values, and its parameters."""
    return (
        f"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, to_jsonb(t) || %s::jsonb"
        f" || jsonb_build_object('id', nextval(pg_get_serial_sequence('{table}', 'id'))))).* FROM {table} t"
        " WHERE id = %s",
        (json.dumps(changed), row),
    )


def own_words(books: Books) -> dict[str, Any]:
    """What the words in `FRESH` stand for in these books, apart from an open item of one's own."""
    given_up = sql(
        "SELECT allocation_id, invoice_id, credit_note_id FROM billing_creditnoteline l JOIN billing_creditnote c"
        " ON c.id = l.credit_note_id JOIN billing_reason r ON r.id = c.reason_id"
        " WHERE r.kind = 'bad_debt' AND l.organization_id = %s ORDER BY l.id DESC LIMIT 1", books.org,
    )[0]  # fmt: skip
    return {
        "text": uuid4().hex[:10],
        "invoice": books.void.pk,
        "undone": sql("SELECT max(id) FROM collections_paymentreversal WHERE organization_id = %s", books.org)[0][0],
        "account": sql("SELECT max(id) FROM customers_account WHERE organization_id = %s", books.org)[0][0],
        **dict(zip(("given up", "given up on", "given up by"), given_up, strict=True)),
    }


def foreign_references(books: Books, other: Books) -> list[ForeignReference]:
    """The attack on each key of which both books have rows."""
    other.item()  # the newest, and no document's own
    words, attacks = own_words(books), []
    spare = {kind: books.item(kind=kind) for kind in ("payment", "invoice")}
    for name, table, target, column in composite_keys():
        sample = sql(f"SELECT id FROM {table} WHERE organization_id = %s ORDER BY id LIMIT 1", books.org)
        stranger = sql(f"SELECT max(id) FROM {target} WHERE organization_id = %s", other.org)[0][0]
        if not sample or stranger is None:
            continue
        words["item"] = spare["payment" if table.startswith("collections") else "invoice"]
        words["text"] = uuid4().hex[:10]
        fresh = FRESH.get(name) or FRESH.get(table, {})
        changed = {key: words.get(value, value) for key, value in fresh.items()}
        statement, values = copy_of(table, {**changed, column: stranger}, sample[0][0])
        turn = f"UPDATE {table} SET {column} = %s WHERE id = %s" if table in ONE_EACH else ""
        attacks.append(
            ForeignReference(name, table, column, statement, values, turn, (stranger, sample[0][0]) if turn else ())
        )
    return attacks
