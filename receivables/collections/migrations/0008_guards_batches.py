"""A batch stays what was asked for; an item is resolved once, by a resolution of its own invoice, and undone once."""

from django.db import migrations

from receivables.core.guards import fixed_columns, money_check, no_delete, org_fk, org_key, run

ITEMS = """
-- What was done stays done; only a resolution of the item's own invoice and load can have done it, and only what
-- reverses that one can have undone it.
CREATE FUNCTION collections_batch_item_moves() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND ((OLD.resolution_id IS NOT NULL AND NEW.resolution_id IS DISTINCT FROM OLD.resolution_id)
     OR (OLD.accessorial_id IS NOT NULL AND NEW.accessorial_id IS DISTINCT FROM OLD.accessorial_id)
     OR (OLD.undo_id IS NOT NULL AND NEW.undo_id IS DISTINCT FROM OLD.undo_id)) THEN
    RAISE EXCEPTION 'what became of an invoice of a batch is kept' USING ERRCODE = 'RV001';
  END IF;
  IF NEW.resolution_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM collections_resolution r
       WHERE r.id = NEW.resolution_id AND r.invoice_id = NEW.invoice_id AND r.load_id = NEW.load_id
         AND r.undoes_id IS NULL) THEN
    RAISE EXCEPTION 'this resolution belongs to another invoice' USING ERRCODE = 'RV007';
  END IF;
  IF NEW.undo_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM collections_resolution r
       WHERE r.id = NEW.undo_id AND r.undoes_id = NEW.resolution_id) THEN
    RAISE EXCEPTION 'this resolution undoes another one' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ac_item_moves BEFORE INSERT OR UPDATE ON collections_batchitem
  FOR EACH ROW EXECUTE FUNCTION collections_batch_item_moves();
ALTER TABLE collections_batchitem ENABLE ALWAYS TRIGGER ac_item_moves;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("collections", "0007_guards_short_payment_notes"),
        ("billing", "0006_billed_charges"),
        ("core", "0003_number_text"),
    ]

    operations = [
        org_key("core_job", "collections_batchresolution", "collections_batchitem"),
        org_fk("collections_batchresolution", "type_id", "billing_accessorialtype"),
        org_fk("collections_batchresolution", "job_id", "core_job"),
        org_fk("collections_batchitem", "batch_id", "collections_batchresolution"),
        org_fk("collections_batchitem", "invoice_id", "billing_invoice"),
        org_fk("collections_batchitem", "load_id", "billing_load"),
        org_fk("collections_batchitem", "resolution_id", "collections_resolution"),
        org_fk("collections_batchitem", "accessorial_id", "billing_accessorial"),
        org_fk("collections_batchitem", "undo_id", "collections_resolution"),
        money_check("collections_batchresolution", "most_amount"),
        money_check("collections_batchitem", "short"),
        no_delete("collections_batchresolution", "collections_batchitem"),
        fixed_columns(
            "collections_batchresolution", "organization_id", "currency", "type_id", "most_amount", "most_percent",
            "note", "reason", "posting_date", "selection", "created_by_id", "created_at",
        ),
        fixed_columns(
            "collections_batchitem", "organization_id", "batch_id", "invoice_id", "load_id", "currency", "short", "seen",
        ),
        run(ITEMS),
    ]  # fmt: skip
