"""Checks of write-offs and transfers of debt, and of who decided what is above somebody's authority."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.checks.base import Check, Rows

WRITE_OFF = Rows(_("write-off"), "write_off")
REQUEST = Rows(_("request"), "approval")


def _moved(source: str, said: str) -> str:
    """What the entry of a document moved of agreements, against what its own lines say it moved."""
    return f"""
        SELECT document_id, agreement_id, open_item_id, sum(amount) AS amount, sum(own) AS own FROM (
            SELECT e.source_id AS document_id, l.agreement_id, l.open_item_id, l.amount, l.organization_amount AS own
              FROM ledger_journalentry e JOIN ledger_journalline l ON l.entry_id = e.id AND l.agreement_id IS NOT NULL
             WHERE e.source_type = '{source}' AND e.reverses_id IS NULL
            UNION ALL
            {said}) m
         GROUP BY document_id, agreement_id, open_item_id HAVING sum(amount) <> 0 OR sum(own) <> 0"""  # noqa: S608


_WRITTEN_OFF = _moved(
    "writeoffs.writeoff",
    """SELECT l.write_off_id, l.source_agreement_id, l.source_item_id, l.amount, l.organization_amount
         FROM writeoffs_writeoffline l
       UNION ALL
       SELECT l.write_off_id, m.agreement_id, m.open_item_id, -l.amount, -l.organization_amount
         FROM writeoffs_writeoffline l JOIN writeoffs_writeoffitem m ON m.id = l.item_id""",
)

CHECKS = (
    Check(
        "W3", "nobody_decides_alone",
        _("Who asks does not decide, nobody decides twice, and no request is decided without its decisions."),
        REQUEST,
        sql="""
        SELECT r.organization_id, r.id FROM approvals_approvalrequest r
         WHERE EXISTS (
                 SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = r.id
                    AND (r.requested_by_id IN (d.decided_by_id, d.on_behalf_of_id) OR d.level > r.levels
                      OR EXISTS (SELECT 1 FROM approvals_approvaldecision b WHERE b.request_id = r.id AND b.id < d.id
                                  AND (b.level >= d.level OR d.decided_by_id IN (b.decided_by_id, b.on_behalf_of_id)
                                    OR d.on_behalf_of_id IN (b.decided_by_id, b.on_behalf_of_id)))))
            OR (r.state IN ('approved', 'rejected') AND NOT EXISTS (
                 SELECT 1 FROM approvals_approvaldecision d
                  WHERE d.request_id = r.id AND d.verdict = r.state AND d.decided_by_id = r.decided_by_id
                    AND (d.level = r.levels OR r.state = 'rejected')))""",
    ),
    Check(
        "W4", "transfers_net_to_zero",
        _("The transfer account nets to zero."),
        Rows(_("GL account"), "gl_account"),
        sql="""
        SELECT g.organization_id, g.id FROM ledger_glaccount g JOIN ledger_journalline l ON l.gl_account_id = g.id
         WHERE g.role = 'transfer' GROUP BY g.organization_id, g.id
        HAVING sum(l.amount) <> 0 OR sum(l.organization_amount) <> 0""",
    ),
    Check(
        "W4", "write_offs_are_their_entries",
        _("A write-off moved what its lines say, from one agreement to another."),
        WRITE_OFF,
        sql=f"""
        SELECT DISTINCT w.organization_id, w.id FROM writeoffs_writeoff w
          JOIN ({_WRITTEN_OFF}) x ON x.document_id = w.id""",  # noqa: S608 - our own names
    ),
    Check(
        "W5", "bankruptcies_take_no_payment",
        _("No payment ever reached an agreement that takes none."),
        Rows(_("open item"), "open_item"),
        sql="""
        SELECT DISTINCT a.organization_id, o.id FROM ledger_allocation a
          JOIN ledger_openitem o ON o.id = a.debit_item_id
          JOIN customers_agreement g ON g.id = o.agreement_id JOIN customers_agreementtype t ON t.id = g.type_id
         WHERE a.kind = 'payment' AND t.payment_segment_type = ''""",
    ),
    Check(
        "W6", "write_offs_add_up",
        _("A write-off is what its lines add up to, and no line is taken back beyond itself."),
        WRITE_OFF,
        sql="""
        SELECT w.organization_id, w.id FROM writeoffs_writeoff w
          LEFT JOIN writeoffs_writeoffline l ON l.write_off_id = w.id
          LEFT JOIN (SELECT line_id, sum(amount) AS amount FROM writeoffs_writeoffreversalline GROUP BY line_id) r
            ON r.line_id = l.id
         GROUP BY w.organization_id, w.id
        HAVING (w.line_count, w.amount, w.organization_amount)
               IS DISTINCT FROM (count(l.id)::int, coalesce(sum(l.amount), 0), coalesce(sum(l.organization_amount), 0))
            OR bool_or(r.amount > l.amount)""",
    ),
    Check(
        "W4", "moved_debt_adds_up",
        _("A transfer of debt is what its debts add up to."),
        Rows(_("debt transfer"), "debt_transfer"),
        sql="""
        SELECT t.organization_id, t.id FROM writeoffs_debttransfer t
          LEFT JOIN writeoffs_moveddebt m ON m.transfer_id = t.id
         GROUP BY t.organization_id, t.id
        HAVING (t.item_count, t.amount, t.organization_amount)
               IS DISTINCT FROM
               (count(m.id)::int, coalesce(sum(m.amount), 0), coalesce(sum(m.organization_amount), 0))""",
    ),
    Check(
        "W6", "tallies_of_batches_tie",
        _("The tally of a batch of write-offs is what its items add up to."),
        Rows(_("batch of write-offs"), "write_off_batch"),
        sql="""
        SELECT b.organization_id, b.id FROM writeoffs_writeoffbatch b WHERE b.tally <> (
            SELECT coalesce(jsonb_object_agg(i.key, jsonb_build_array(
                     i.n::text, trim_scale(i.amount)::text, trim_scale(i.money)::text,
                     trim_scale(i.planned)::text)), '{}')
              FROM (SELECT concat_ws('|', state, undo_state, code) AS key, count(*) AS n, sum(amount) AS amount,
                           sum(money) AS money, sum(planned) AS planned
                      FROM writeoffs_writeoffbatchitem WHERE batch_id = b.id GROUP BY 1) i)""",
    ),
    Check(
        "W6", "register_is_the_ledger",
        _("The register of write-offs is what the ledger moved, and its totals are its lines."),
        Rows(_("agreement"), "agreement"),
        sql="""
        SELECT DISTINCT organization_id, agreement_id AS id FROM (
            SELECT n.organization_id, n.agreement_id, n.entry_id, n.date, n.payoff_effect AS amount
              FROM ledger_agreementtransaction n JOIN customers_agreement a ON a.id = n.agreement_id
              JOIN customers_agreementtype t ON t.id = a.type_id AND t.special_role = 'write_off'
             WHERE n.entry_id IS NOT NULL
            UNION ALL
            SELECT organization_id, agreement_id, entry_id, date, -amount FROM writeoffs_registerline) m
         GROUP BY organization_id, agreement_id, entry_id, date HAVING sum(amount) <> 0
        UNION
        SELECT t.organization_id, coalesce(min(l.agreement_id),
                                           (SELECT min(a.id) FROM customers_agreement a WHERE a.type_id = t.type_id))
          FROM writeoffs_registertotal t
          LEFT JOIN writeoffs_registerline l ON (l.total_id, l.date, l.currency) = (t.id, t.date, t.currency)
         GROUP BY t.organization_id, t.id
        HAVING (t.line_count, t.amount) IS DISTINCT FROM (count(l.id), coalesce(sum(l.amount), 0))""",
    ),
)  # fmt: skip
