"""A batch stays what was asked for and is confirmed once; an item is written off once, by a write-off of its own
account, and taken back once."""

from django.db import migrations

from receivables.core.guards import fixed_columns, money_check, no_delete, org_fk, org_key, run

BATCHES = """
-- What was worked out, confirmed and granted stays so.
CREATE FUNCTION writeoffs_batch_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF (OLD.planned_at IS NOT NULL AND (NEW.planned_at, NEW.plan) IS DISTINCT FROM (OLD.planned_at, OLD.plan))
     OR (OLD.confirmed_at IS NOT NULL AND (NEW.confirmed_at, NEW.request_id, NEW.approved_by_id)
           IS DISTINCT FROM (OLD.confirmed_at, OLD.request_id, OLD.approved_by_id)) THEN
    RAISE EXCEPTION 'what a batch was worked out to and confirmed as is kept' USING ERRCODE = 'RV001';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_batch_moves BEFORE UPDATE ON writeoffs_writeoffbatch
  FOR EACH ROW EXECUTE FUNCTION writeoffs_batch_moves();
ALTER TABLE writeoffs_writeoffbatch ENABLE ALWAYS TRIGGER ac_batch_moves;
"""

ITEMS = """
-- What was done stays done, and was confirmed before; only a write-off of the item's own account in the batch's currency
-- can have done it, and only what takes that one back can have undone it.
CREATE FUNCTION writeoffs_batch_item_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND ((OLD.write_off_id IS NOT NULL AND NEW.write_off_id IS DISTINCT FROM OLD.write_off_id)
     OR (OLD.undo_id IS NOT NULL AND NEW.undo_id IS DISTINCT FROM OLD.undo_id)) THEN
    RAISE EXCEPTION 'what became of an account of a batch is kept' USING ERRCODE = 'RV001';
  END IF;
  IF NEW.write_off_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM writeoffs_writeoff w, writeoffs_writeoffbatch b
       WHERE w.id = NEW.write_off_id AND b.id = NEW.batch_id AND w.account_id = NEW.account_id
         AND w.currency = b.currency AND b.confirmed_at IS NOT NULL) THEN
    RAISE EXCEPTION 'this write-off does not belong to the batch' USING ERRCODE = 'RV007';
  END IF;
  IF NEW.undo_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM writeoffs_writeoffreversal r
       WHERE r.id = NEW.undo_id AND r.write_off_id = NEW.write_off_id) THEN
    RAISE EXCEPTION 'this reversal takes another write-off back' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_item_moves BEFORE INSERT OR UPDATE ON writeoffs_writeoffbatchitem
  FOR EACH ROW EXECUTE FUNCTION writeoffs_batch_item_moves();
ALTER TABLE writeoffs_writeoffbatchitem ENABLE ALWAYS TRIGGER ac_item_moves;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("writeoffs", "0005_batches"),
        ("approvals", "0004_guards_levels"),
        ("collections", "0008_guards_batches"),
    ]

    operations = [
        org_key("writeoffs_writeoffbatch", "writeoffs_writeoffbatchitem"),
        org_fk("writeoffs_writeoffbatch", "to_type_id", "customers_agreementtype"),
        org_fk("writeoffs_writeoffbatch", "request_id", "approvals_approvalrequest"),
        org_fk("writeoffs_writeoffbatch", "job_id", "core_job"),
        org_fk("writeoffs_writeoffbatchitem", "batch_id", "writeoffs_writeoffbatch"),
        org_fk("writeoffs_writeoffbatchitem", "account_id", "customers_account"),
        org_fk("writeoffs_writeoffbatchitem", "write_off_id", "writeoffs_writeoff"),
        org_fk("writeoffs_writeoffbatchitem", "undo_id", "writeoffs_writeoffreversal"),
        money_check("writeoffs_writeoffbatchitem", "amount"),
        money_check("writeoffs_writeoffbatchitem", "money"),
        money_check("writeoffs_writeoffbatchitem", "planned"),
        no_delete("writeoffs_writeoffbatch", "writeoffs_writeoffbatchitem"),
        fixed_columns(
            "writeoffs_writeoffbatch", "id", "organization_id", "currency", "to_type_id", "reason", "posting_date",
            "selection", "created_by_id", "created_at",
        ),
        fixed_columns(
            "writeoffs_writeoffbatchitem", "id", "organization_id", "batch_id", "account_id", "currency", "debts",
            "picks", "amount", "money", "planned", "digest",
        ),
        run(BATCHES),
        run(ITEMS),
    ]  # fmt: skip
