"""Tax is claimed back once for bad debt that stands, and not kept when the bad debt is taken back."""

from django.db import migrations

from receivables.core.guards import append_only, gap_free, money_check, org_fk, org_key, run

RELIEFS = """
-- R1: a relief is for a settlement that gave debt up and stands, once, within what of it is not recovered. The
-- invoice's open item is locked first, as by whoever recovers or takes the bad debt back.
CREATE FUNCTION collections_tax_relief_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE item bigint; lost numeric; recovered numeric; reliefs int;
BEGIN
  SELECT i.open_item_id INTO item FROM billing_invoice i WHERE i.id = NEW.invoice_id AND i.currency = NEW.currency;
  PERFORM 1 FROM ledger_openitem o WHERE o.id = item FOR NO KEY UPDATE;
  SELECT a.amount INTO lost FROM ledger_allocation a
   WHERE a.id = NEW.allocation_id AND a.debit_item_id = item AND a.kind IN ('bad_debt', 'difference')
     AND a.credit_item_id IS NULL AND a.reverses_id IS NULL
     AND NOT EXISTS (SELECT 1 FROM ledger_allocation u WHERE u.reverses_id = a.id);
  SELECT coalesce(sum(r.amount), 0) INTO recovered FROM collections_recovery r
   WHERE r.allocation_id = NEW.allocation_id
     AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id);
  SELECT count(*) INTO reliefs FROM collections_taxrelief t WHERE t.allocation_id = NEW.allocation_id
     AND NOT EXISTS (SELECT 1 FROM collections_taxreliefreversal v WHERE v.relief_id = t.id);
  IF item IS NULL OR lost IS NULL OR NEW.base > lost - recovered OR reliefs > 1 THEN
    RAISE EXCEPTION 'a tax relief does not fit its bad debt' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_tax_relief_made AFTER INSERT ON collections_taxrelief
  FOR EACH ROW EXECUTE FUNCTION collections_tax_relief_made();
ALTER TABLE collections_taxrelief ENABLE ALWAYS TRIGGER zz_tax_relief_made;

-- R1, R3: at commit the ledger has the entry of the relief, reversed if and only if the relief was taken back.
CREATE FUNCTION collections_tax_relief_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE relief record; entry record; undone boolean;
BEGIN
  IF TG_TABLE_NAME = 'collections_taxrelief' THEN
    SELECT t.* INTO STRICT relief FROM collections_taxrelief t WHERE t.id = NEW.id;
  ELSE
    SELECT t.* INTO STRICT relief FROM collections_taxrelief t WHERE t.id = NEW.relief_id;
  END IF;
  undone := EXISTS (SELECT 1 FROM collections_taxreliefreversal v WHERE v.relief_id = relief.id);
  SELECT e.* INTO entry FROM ledger_journalentry e
   WHERE e.organization_id = relief.organization_id AND e.source_type = 'collections.taxrelief'
     AND e.source_id = relief.id AND e.kind = 'tax_relief';
  IF entry.id IS NULL OR entry.total <> relief.amount OR entry.currency <> relief.currency
     OR undone <> EXISTS (SELECT 1 FROM ledger_journalentry u WHERE u.reverses_id = entry.id) THEN
    RAISE EXCEPTION 'the ledger does not hold tax relief %', relief.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_tax_relief_posted AFTER INSERT ON collections_taxrelief
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_tax_relief_posted();
CREATE CONSTRAINT TRIGGER zz_tax_relief_reversed AFTER INSERT ON collections_taxreliefreversal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION collections_tax_relief_posted();
ALTER TABLE collections_taxrelief ENABLE ALWAYS TRIGGER zz_tax_relief_posted;
ALTER TABLE collections_taxreliefreversal ENABLE ALWAYS TRIGGER zz_tax_relief_reversed;

-- R3: bad debt is not taken back under a recovery or a tax relief that stands.
CREATE OR REPLACE FUNCTION collections_loss_taken_back() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM collections_recovery r WHERE r.allocation_id = NEW.reverses_id
               AND NOT EXISTS (SELECT 1 FROM collections_recoveryreversal v WHERE v.recovery_id = r.id))
     OR EXISTS (SELECT 1 FROM collections_taxrelief t WHERE t.allocation_id = NEW.reverses_id
               AND NOT EXISTS (SELECT 1 FROM collections_taxreliefreversal v WHERE v.relief_id = t.id)) THEN
    RAISE EXCEPTION 'bad debt that was taken back is still recovered or relieved of tax' USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;

INSERT INTO core_sequence (organization_id, kind, prefix, width, last)
  SELECT o.id, 'tax_relief', 'TR-', 6, 0 FROM accounts_organization o
   WHERE NOT EXISTS (SELECT 1 FROM core_sequence s WHERE s.organization_id = o.id AND s.kind = 'tax_relief');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0014_guards_held"),
        ("accounts", "0002_guards"),
        ("billing", "0016_loads_billed_by_key"),
        ("core", "0003_number_text"),
        ("ledger", "0007_guards_rates"),
    ]

    operations = [
        org_key("collections_taxreliefclaim", "collections_taxrelief"),
        org_fk("collections_taxrelief", "claim_id", "collections_taxreliefclaim"),
        org_fk("collections_taxrelief", "invoice_id", "billing_invoice"),
        org_fk("collections_taxrelief", "allocation_id", "ledger_allocation"),
        org_fk("collections_taxreliefreversal", "relief_id", "collections_taxrelief"),
        money_check("collections_taxrelief", "base"),
        money_check("collections_taxrelief", "amount"),
        append_only("collections_taxreliefclaim", "collections_taxrelief", "collections_taxreliefreversal"),
        gap_free("collections_taxreliefclaim", "tax_relief"),
        run(RELIEFS),
    ]
