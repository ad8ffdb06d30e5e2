"""The register is what the ledger moved: written with every movement of a write-off agreement, and by nothing else."""

from django.db import migrations

from receivables.core.guards import append_only, fixed_columns, money_check, no_delete, org_fk, org_key, run

# Each movement by an entry, in one part or two. What leaves one write-off agreement and comes to another in one entry
# was moved, since nothing is written off by it: all of a debt transfer and of a dividend, and of a bankruptcy the debt
# that had been written off before. What is then left is the document's own. Whatever a payment moves is a recovery.
PARTS = """
SELECT m.organization_id, m.entry_id, m.agreement_id, m.type_id, m.currency, m.date, m.document, m.person_id, p.what, p.amount,
       CASE m.source_type
         WHEN 'writeoffs.writeoff' THEN (SELECT reason FROM writeoffs_writeoff WHERE id = m.source_id)
         WHEN 'writeoffs.writeoffreversal' THEN (SELECT reason FROM writeoffs_writeoffreversal WHERE id = m.source_id)
         WHEN 'writeoffs.debttransfer' THEN (SELECT reason FROM writeoffs_debttransfer WHERE id = m.source_id)
         WHEN 'writeoffs.debttransferreversal'
           THEN (SELECT reason FROM writeoffs_debttransferreversal WHERE id = m.source_id)
         ELSE '' END AS reason
  FROM (SELECT n.organization_id, n.entry_id, n.agreement_id, n.date, n.kind, n.payoff_effect AS amount,
               a.type_id, a.currency, e.source_type, e.source_id, e.memo AS document, e.posted_by_id AS person_id,
               least(sum(greatest(n.payoff_effect, 0)) OVER entry,
                     -sum(least(n.payoff_effect, 0)) OVER entry) AS both_ways,
               sum(abs(n.payoff_effect)) OVER so_far - abs(n.payoff_effect) AS before
          FROM {movements} n
          JOIN customers_agreement a ON a.id = n.agreement_id
          JOIN customers_agreementtype t ON t.id = a.type_id AND t.special_role = 'write_off'
          JOIN ledger_journalentry e ON e.id = n.entry_id
        WINDOW entry AS (PARTITION BY n.entry_id),
               so_far AS (PARTITION BY n.entry_id, n.payoff_effect > 0 ORDER BY n.agreement_id)) m
 CROSS JOIN LATERAL (
   SELECT CASE WHEN m.source_type LIKE 'writeoffs.debttransfer%' THEN m.amount
               WHEN m.source_type LIKE 'writeoffs.writeoff%'
                 THEN sign(m.amount) * least(abs(m.amount), greatest(0, m.both_ways - m.before))
               ELSE 0 END AS amount) v
 CROSS JOIN LATERAL (VALUES
   ('moved', v.amount),
   (CASE WHEN m.source_type = 'writeoffs.writeoff' THEN 'written_off'
         WHEN m.source_type = 'writeoffs.writeoffreversal' THEN 'taken_back'
         WHEN m.kind IN ('write_down', 'reverse_write_down') THEN 'written_down'
         ELSE 'recovered' END, m.amount - v.amount)) p(what, amount)
 WHERE p.amount <> 0"""

# Totals are moved in one order, so that two who post at once wait for each other and never both.
WRITE = f"""
  WITH parts AS ({PARTS}),
  totals AS (
    INSERT INTO writeoffs_registertotal AS r
        (organization_id, date, what, type_id, person_id, reason, currency, line_count, amount)
      SELECT organization_id, date, what, type_id, person_id, reason, currency, count(*), sum(amount) FROM parts
       GROUP BY organization_id, date, what, type_id, person_id, reason, currency
       ORDER BY organization_id, date, what, type_id, person_id, reason, currency
      ON CONFLICT (organization_id, date, what, type_id, currency, coalesce(person_id, 0), md5(reason)) DO UPDATE
        SET line_count = r.line_count + EXCLUDED.line_count, amount = r.amount + EXCLUDED.amount
      RETURNING id, organization_id, date, what, type_id, person_id, reason, currency)
  INSERT INTO writeoffs_registerline
      (organization_id, total_id, entry_id, agreement_id, date, document, currency, amount)
    SELECT p.organization_id, t.id, p.entry_id, p.agreement_id, p.date, p.document, p.currency, p.amount
      FROM parts p JOIN totals t
        ON (t.organization_id, t.date, t.what, t.type_id, t.reason, t.currency)
         = (p.organization_id, p.date, p.what, p.type_id, p.reason, p.currency)
       AND t.person_id IS NOT DISTINCT FROM p.person_id
     ORDER BY p.entry_id, p.agreement_id, p.what DESC;
"""
ONCE = """
CREATE UNIQUE INDEX register_total_once ON writeoffs_registertotal
  (organization_id, date, what, type_id, currency, coalesce(person_id, 0), md5(reason));
"""
WRITTEN = f"""
CREATE FUNCTION writeoffs_register_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM new_rows n JOIN customers_agreement a ON a.id = n.agreement_id
                   JOIN customers_agreementtype t ON t.id = a.type_id AND t.special_role = 'write_off'
                  WHERE n.entry_id IS NOT NULL) THEN
    RETURN NULL;
  END IF;
  {WRITE.format(movements="new_rows")}
  RETURN NULL;
END $$;
CREATE TRIGGER zz_register_written AFTER INSERT ON ledger_agreementtransaction REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION writeoffs_register_written();
ALTER TABLE ledger_agreementtransaction ENABLE ALWAYS TRIGGER zz_register_written;
"""
# What was moved before there was a register.
THOSE_BEFORE = WRITE.format(movements="ledger_agreementtransaction")


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0013_register")]

    operations = [
        org_key("writeoffs_registertotal"),
        org_fk("writeoffs_registertotal", "type_id", "customers_agreementtype"),
        org_fk("writeoffs_registerline", "total_id", "writeoffs_registertotal"),
        org_fk("writeoffs_registerline", "entry_id", "ledger_journalentry"),
        org_fk("writeoffs_registerline", "agreement_id", "customers_agreement"),
        money_check("writeoffs_registertotal", "amount"),
        money_check("writeoffs_registerline", "amount"),
        append_only("writeoffs_registerline"),
        no_delete("writeoffs_registertotal"),
        fixed_columns(
            "writeoffs_registertotal",
            "id", "organization_id", "date", "what", "type_id", "person_id", "reason", "currency",
        ),
        run(ONCE),
        run(WRITTEN),
        run(THOSE_BEFORE),
    ]  # fmt: skip
