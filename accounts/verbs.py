"""Every verb of the product with its label, in bundles that are usually given together.

A verb is the name of an operation, its permission and its URL at once. Who holds which stands in `accounts/roles.py`.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Bundle:
    """Verbs with their labels under one name, e.g. "billing"."""

    label: Any
    verbs: dict[str, Any]


BUNDLES: dict[str, Bundle] = {
    "look": Bundle(_("See customers, loads, invoices, payments, history"), {"view_receivables": _("See receivables")}),
    "billing": Bundle(
        _("Billing"),
        {
            "create_load": _("Create load"),
            "edit_load": _("Edit load"),
            "generate_invoice": _("Generate invoice"),
            "regenerate_invoice": _("Regenerate invoice"),
            "reissue_invoice": _("Reissue invoice"),
            "send_invoice": _("Send invoice"),
            "resend_invoice": _("Send invoice again"),
            "retry_dispatch": _("Retry sending"),
            "confirm_dispatch": _("Confirm sending"),
            "note_bounce": _("Note a returned e-mail"),
            "void_invoice": _("Void invoice"),
            "export_einvoice": _("Export e-invoice"),
            "generate_summary_invoice": _("Generate summary invoice"),
            "change_summary_loads": _("Change the loads of a summary invoice"),
            "split_by_load": _("Split a payment by load"),
            "schedule_summary_invoices": _("Schedule summary invoices"),
            "record_payment": _("Record payment"),
            "delete_payment": _("Delete payment"),
            "bounce_payment": _("Record bounced payment"),
            "reverse_bounce_fee": _("Reverse the fee for a bounced payment"),
            "assign_payment": _("Assign payment"),
            "distribute_payment": _("Distribute payment"),
            "unassign_payment": _("Take a payment off an invoice"),
            "move_payment_assignment": _("Move a payment to another invoice"),
            "pay_bill": _("Pay bill"),
            "attach_file": _("Attach file to a payment"),
            "withdraw_attachment": _("Withdraw an attachment"),
            "book_small_excess": _("Book a small over-payment as income"),
            "reverse_small_excess": _("Take a small over-payment out of income"),
            "view_error_transactions": _("See Error Transactions"),
            "retry_delivery": _("Retry an accounting transaction"),
            "retry_deliveries": _("Retry several accounting transactions"),
            "ignore_delivery": _("Mark an accounting transaction as handled outside"),
            "accept_incoming": _("Record a payment as it was over there"),
            "dismiss_incoming": _("Dismiss a change over there"),
        },
    ),
    "agreement_billing": Bundle(
        _("Billing of agreements"),
        {
            "add_agreement_charge": _("Add charge to an agreement"),
            "end_agreement_charge": _("End charge of an agreement"),
            "run_billing": _("Run billing"),
            "retry_billing_run": _("Go on with a billing run"),
        },
    ),
    "accessorials": Bundle(
        _("Accessorials"),
        {
            "add_accessorial": _("Add accessorial"),
            "change_accessorial": _("Change accessorial"),
            "remove_accessorial": _("Remove accessorial"),
        },
    ),
    "credit_notes": Bundle(
        _("Credit notes"),
        {
            "issue_credit_note": _("Issue credit note"),
            "reverse_credit_note": _("Reverse credit note"),
            "reverse_pay_off": _("Reverse a settled difference"),
            "export_credit_note": _("Export credit note as e-invoice"),
        },
    ),
    "refunds": Bundle(
        _("Refunds"),
        {"refund_unapplied": _("Refund money on account"), "reverse_refund": _("Reverse refund")},
    ),
    "recoveries": Bundle(
        _("Recoveries"),
        {"recover_bad_debt": _("Recover bad debt"), "reverse_recovery": _("Reverse recovery")},
    ),
    "held_money": Bundle(
        _("Deposits and overpayments"),
        {
            "record_deposit": _("Record deposit"),
            "apply_deposit": _("Apply deposit"),
            "hold_overpayment": _("Hold an overpayment"),
            "release_held_money": _("Put money held back on account"),
        },
    ),
    "tax_relief": Bundle(
        _("Tax relief for bad debt"),
        {"claim_tax_relief": _("Claim tax relief"), "reverse_tax_relief": _("Take tax relief back")},
    ),
    "short_payments": Bundle(
        _("Short payments in one step"),
        {
            "resolve_short_payment": _("Resolve short payment"),
            "undo_resolution": _("Undo the resolution of a short payment"),
            "resolve_short_payments": _("Resolve many short payments at once"),
            "retry_batch": _("Go on with a batch of short payments"),
            "undo_batch": _("Undo a batch of short payments"),
        },
    ),
    "master_data": Bundle(
        _("Customers, accounts and agreements"),
        {
            "import_receivables": _("Import receivables"),
            "create_customer": _("Create customer"),
            "edit_customer": _("Edit customer"),
            "edit_delivery": _("Edit delivery of invoices"),
            "create_account": _("Create account"),
            "edit_account": _("Edit account"),
            "create_agreement": _("Create agreement"),
            "start_agreement": _("Start service of an agreement"),
            "stop_agreement": _("Stop agreement"),
            "cancel_agreement": _("Cancel agreement"),
        },
    ),
    "jobs": Bundle(_("Background jobs"), {"stop_job": _("Stop job")}),
    "write_offs": Bundle(
        _("Write-offs"),
        {
            "write_off_debt": _("Write off debt"),
            "transfer_debt": _("Transfer debt"),
            "reverse_transfer": _("Reverse debt transfer"),
            "start_bankruptcy": _("Start bankruptcy"),
            "add_to_bankruptcy": _("Move debt to its bankruptcy"),
            "record_dividend": _("Record dividend of a bankruptcy"),
            "withdraw_bankruptcy": _("Withdraw bankruptcy"),
            "reverse_write_off": _("Reverse write-off"),
            "plan_write_offs": _("Work out write-offs of many accounts"),
            "write_off_debts": _("Write off the debts of many accounts at once"),
            "retry_write_offs": _("Go on with a batch of write-offs"),
            "undo_write_offs": _("Take a batch of write-offs back"),
        },
    ),
    "automated_write_off": Bundle(
        _("Automated write-off"),
        {
            "run_write_off_monitor": _("Review debt to be written off now"),
            "run_write_off_activator": _("Do what is due in write-off processes now"),
            "create_write_off_process": _("Create write-off process"),
            "cancel_write_off_process": _("Cancel write-off process"),
            "add_process_event": _("Add event to a process"),
            "change_process_event": _("Change event of a process"),
            "cancel_process_event": _("Cancel event of a process"),
            "reverse_write_down": _("Reverse what was closed as a small difference"),
        },
    ),
    "write_off_requests": Bundle(_("Requests for write-offs"), {"request_write_off": _("Request write-off")}),
    "decisions": Bundle(
        _("Approvals"),
        {
            "approve_request": _("Approve request"),
            "approve_requests": _("Approve several requests at once"),
            "reject_request": _("Reject request"),
            "ask_back": _("Ask back about a request"),
            "delegate_approvals": _("Delegate approvals"),
            "end_delegation": _("End a delegation of approvals"),
        },
    ),
    "own_requests": Bundle(
        _("Own requests"),
        {"withdraw_request": _("Withdraw request"), "answer_question": _("Answer a question about a request")},
    ),
    "worklist": Bundle(_("See the worklist"), {"view_worklist": _("See the worklist")}),
    "chasing": Bundle(
        _("Worklist, promises, disputes, reminders"),
        {
            "log_contact": _("Log contact"),
            "record_promise": _("Record promise"),
            "cancel_promise": _("Cancel promise"),
            "open_dispute": _("Open dispute"),
            "resolve_dispute": _("Resolve dispute"),
            "send_reminder": _("Send reminder"),
            "retry_reminder": _("Retry reminder"),
            "retry_letter": _("Send a letter of a write-off process again"),
            "sync_current": _("Ask for all that is owed"),
            "start_budget": _("Start budget"),
            "start_arrangement": _("Start payment arrangement"),
            "cancel_plan": _("Cancel budget or arrangement"),
            "complete_to_do": _("Tick off to-do"),
            "assign_work": _("Assign work"),
            "snooze_work": _("Snooze work"),
        },
    ),
    "daily_work": Bundle(
        _("Daily work on request"),
        {"run_debt_monitor": _("Review overdue debt now"), "run_agreement_dates": _("Start and stop agreements now")},
    ),
    "settings_look": Bundle(_("See settings"), {"view_settings": _("See settings")}),
    "settings": Bundle(
        _("Settings"),
        {
            "manage_accessorial_types": _("Manage accessorial types"),
            "manage_tax_codes": _("Manage tax codes"),
            "manage_reasons": _("Manage reasons"),
            "manage_gl_accounts": _("Manage GL accounts"),
            "manage_payment_terms": _("Manage payment terms"),
            "manage_sequences": _("Manage numbering"),
            "manage_bank_accounts": _("Manage bank accounts"),
            "manage_connections": _("Manage accounting connections"),
            "map_accounts": _("Map accounts to an accounting system"),
            "look_through_system": _("Look through what an accounting system has"),
            "link_customers": _("Link customers with those of an accounting system"),
            "pause_connection": _("Pause accounting connection"),
            "resume_connection": _("Resume accounting connection"),
            "connect_system": _("Connect accounting system"),
            "disconnect_system": _("Disconnect accounting system"),
            "manage_webhooks": _("Manage webhooks"),
            "pause_webhook": _("Pause webhook"),
            "resume_webhook": _("Resume webhook"),
            "ping_webhook": _("Send a test to a webhook"),
            "rotate_webhook_secret": _("Replace the secret of a webhook"),
            "show_webhook_secret": _("See the secret of a webhook once"),
            "resend_webhook": _("Send a webhook message again"),
            "manage_authority": _("Manage authority limits"),
            "manage_organization": _("Manage the organization"),
        },
    ),
    "write_off_settings": Bundle(
        _("Write-off settings"),
        {
            "manage_write_off_controls": _("Manage write-off controls"),
            "manage_templates": _("Manage templates"),
            "manage_agreement_types": _("Manage agreement types"),
            "manage_debt_classes": _("Manage debt classes"),
        },
    ),
    "pay_off_policy_look": Bundle(_("See the pay-off limit"), {"view_pay_off_policy": _("See the pay-off limit")}),
    "pay_off_policy": Bundle(_("Pay-off limit"), {"manage_pay_off_policy": _("Manage the pay-off limit")}),
    "people_look": Bundle(_("See people and roles"), {"view_members": _("See people and roles")}),
    "people": Bundle(
        _("People and roles"),
        {
            "manage_members": _("Manage people"),
            "invite_member": _("Add member"),
            "change_member": _("Change member"),
            "deactivate_member": _("Deactivate member"),
        },
    ),
    "exchange_rates": Bundle(
        _("Exchange rates"),
        {
            "add_exchange_rate": _("Add exchange rate"),
            "correct_exchange_rate": _("Correct exchange rate"),
            "import_exchange_rates": _("Import exchange rates"),
            "override_exchange_rate": _("Give a document an exchange rate of its own"),
        },
    ),
    "periods": Bundle(_("Periods"), {"close_period": _("Close period"), "reopen_period": _("Reopen period")}),
    "reports": Bundle(_("Reports and exports"), {"view_reports": _("See reports"), "export_data": _("Export")}),
    "ledger_exports": Bundle(
        _("Ledger exports"),
        {
            "export_ledger": _("Export the ledger"),
            "download_export": _("Download a ledger export"),
            "withdraw_export": _("Withdraw a ledger export"),
        },
    ),
    "audit": Bundle(
        _("Audit of the books"),
        {"view_audit": _("See audits of the books"), "audit_ledger": _("Audit the books now")},
    ),
    "platform": Bundle(
        _("Platform"),
        {
            "create_organization": _("Create organization"),
            "grant_pay_off_policy": _("Let Admins of an organization manage its pay-off limit"),
            "manage_users": _("Disable users of all organizations"),
        },
    ),
}

VERB_LABELS: dict[str, Any] = {verb: label for bundle in BUNDLES.values() for verb, label in bundle.verbs.items()}
