"""The promises of billing, kept by the database: J4, I2, I3."""

from django.db import migrations

from receivables.core.guards import (
    append_only,
    fixed_columns,
    gap_free,
    money_check,
    no_delete,
    org_fk,
    org_key,
    run,
)

REVISIONS = """
-- I2: a new revision locks the invoice's open item, then looks: no payment may be live on it, and voiding wants nothing
-- live at all. The item's balance >= 0 keeps a total from falling below what is already credited or given up.
CREATE FUNCTION billing_revision_made() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE item record; invoice record;
BEGIN
  SELECT i.* INTO STRICT invoice FROM billing_invoice i WHERE i.id = NEW.invoice_id FOR NO KEY UPDATE;
  PERFORM 1 FROM ledger_openitem WHERE id = invoice.open_item_id FOR NO KEY UPDATE;
  SELECT o.* INTO STRICT item FROM ledger_openitem o WHERE o.id = invoice.open_item_id;
  IF NEW.currency <> invoice.currency OR item.currency <> invoice.currency
     OR item.account_id <> invoice.account_id OR item.agreement_id IS DISTINCT FROM invoice.agreement_id THEN
    RAISE EXCEPTION 'invoice % does not fit its open item', invoice.number USING ERRCODE = 'RV007';
  END IF;
  IF NEW.number = 1 THEN
    RETURN NULL;
  END IF;
  IF invoice.voided_at IS NOT NULL THEN
    RAISE EXCEPTION 'invoice % is void', invoice.number USING ERRCODE = 'RV001';
  END IF;
  IF item.live_payments > 0 OR (NEW.cause = 'voided' AND item.live_settlements > 0) THEN
    RAISE EXCEPTION 'invoice % has a live payment or settlement', invoice.number USING ERRCODE = 'RV006';
  END IF;
  IF NEW.number <> invoice.current_revision + 1 THEN
    RAISE EXCEPTION 'revision % of invoice % is not the next', NEW.number, invoice.number USING ERRCODE = 'RV002';
  END IF;
  UPDATE billing_invoice SET current_revision = NEW.number,
         voided_at = CASE WHEN NEW.cause = 'voided' THEN NEW.created_at END WHERE id = invoice.id;
  IF NEW.cause = 'voided' THEN
    UPDATE ledger_openitem SET voided = true WHERE id = item.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_revision_made AFTER INSERT ON billing_revision
  FOR EACH ROW EXECUTE FUNCTION billing_revision_made();
ALTER TABLE billing_revision ENABLE ALWAYS TRIGGER zz_revision_made;

-- At commit: the ledger says what the newest revision says, and a revision has its lines.
CREATE FUNCTION billing_revision_posted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE newest int; amount numeric; lines bigint;
BEGIN
  SELECT i.current_revision, o.amount INTO STRICT newest, amount
    FROM billing_invoice i JOIN ledger_openitem o ON o.id = i.open_item_id WHERE i.id = NEW.invoice_id;
  IF newest = NEW.number AND amount <> NEW.total THEN
    RAISE EXCEPTION 'the ledger has % for a revision of %', amount, NEW.total USING ERRCODE = 'RV007';
  END IF;
  SELECT count(*) INTO lines FROM billing_revisionline l WHERE l.revision_id = NEW.id;
  IF lines <> NEW.line_count THEN
    RAISE EXCEPTION 'a revision of % lines has %', NEW.line_count, lines USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_revision_posted AFTER INSERT ON billing_revision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION billing_revision_posted();
ALTER TABLE billing_revision ENABLE ALWAYS TRIGGER zz_revision_posted;

-- I3: lines come in one statement and add up to their revision; a later line changes the count of its header.
CREATE FUNCTION billing_lines_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE bad bigint;
BEGIN
  SELECT r.id INTO bad FROM (SELECT DISTINCT revision_id FROM new_rows) t
    JOIN billing_revision r ON r.id = t.revision_id
    JOIN LATERAL (SELECT count(*) AS lines, sum(l.net) AS net, sum(l.tax) AS tax,
                         -coalesce(sum(l.total) FILTER (WHERE l.kind = 'bad_debt'), 0) AS bad_debt
                    FROM billing_revisionline l WHERE l.revision_id = t.revision_id) s ON true
   WHERE (s.lines, s.net, s.tax, s.bad_debt) IS DISTINCT FROM (r.line_count::bigint, r.net, r.tax, r.bad_debt) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'the lines do not add up to revision %', bad USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_lines_written AFTER INSERT ON billing_revisionline REFERENCING NEW TABLE AS new_rows
  FOR EACH STATEMENT EXECUTE FUNCTION billing_lines_written();
ALTER TABLE billing_revisionline ENABLE ALWAYS TRIGGER zz_lines_written;
"""


class Migration(migrations.Migration):
    dependencies = [("billing", "0002_initial"), ("customers", "0002_initial"), ("ledger", "0006_guards_applications")]

    operations = [
        org_key(
            "billing_taxcode",
            "billing_accessorialtype",
            "billing_accessorial",
            "billing_load",
            "billing_invoice",
            "billing_revision",
        ),
        org_fk("billing_taxcode", "gl_account_id", "ledger_glaccount"),
        org_fk("billing_accessorialtype", "gl_account_id", "ledger_glaccount"),
        org_fk("billing_accessorialtype", "tax_code_id", "billing_taxcode"),
        org_fk("billing_accessorial", "load_id", "billing_load"),
        org_fk("billing_accessorial", "type_id", "billing_accessorialtype"),
        org_fk("billing_load", "account_id", "customers_account"),
        org_fk("billing_load", "agreement_id", "customers_agreement"),
        org_fk("billing_load", "tax_code_id", "billing_taxcode"),
        org_fk("billing_load", "invoice_id", "billing_invoice"),
        org_fk("billing_invoice", "account_id", "customers_account"),
        org_fk("billing_invoice", "agreement_id", "customers_agreement"),
        org_fk("billing_invoice", "open_item_id", "ledger_openitem"),
        org_fk("billing_revision", "invoice_id", "billing_invoice"),
        org_fk("billing_revisionline", "revision_id", "billing_revision"),
        org_fk("billing_revisionline", "load_id", "billing_load"),
        org_fk("billing_revisionline", "accessorial_id", "billing_accessorial"),
        org_fk("billing_revisionline", "tax_code_id", "billing_taxcode"),
        org_fk("billing_revisionline", "gl_account_id", "ledger_glaccount"),
        org_fk("billing_revisiontax", "revision_id", "billing_revision"),
        org_fk("billing_revisiontax", "tax_code_id", "billing_taxcode"),
        money_check("billing_load", "line_haul"),
        money_check("billing_load", "charges_total"),
        money_check("billing_accessorial", "amount"),
        money_check("billing_revision", "net"),
        money_check("billing_revision", "tax"),
        money_check("billing_revision", "total"),
        money_check("billing_revision", "bad_debt"),
        money_check("billing_revision", "price_concession"),
        money_check("billing_revisionline", "net"),
        money_check("billing_revisionline", "tax"),
        money_check("billing_revisiontax", "net"),
        money_check("billing_revisiontax", "tax"),
        append_only("billing_revision", "billing_revisionline", "billing_revisiontax"),
        no_delete(
            "billing_invoice", "billing_load", "billing_accessorial", "billing_taxcode", "billing_accessorialtype"
        ),
        fixed_columns(
            "billing_invoice",
            "id",
            "organization_id",
            "number",
            "sequence_number",
            "account_id",
            "agreement_id",
            "open_item_id",
            "currency",
            "rate",
            "issue_date",
            "due_date",
            "terms_days",
            "summary",
            "imported",
        ),
        fixed_columns("billing_load", "id", "organization_id", "account_id", "agreement_id", "currency", "number"),
        fixed_columns("billing_accessorial", "id", "organization_id", "load_id", "currency", "entity", "created_by_id"),
        fixed_columns("billing_taxcode", "id", "organization_id", "rate"),
        gap_free("billing_invoice", "invoice"),
        run(REVISIONS),
    ]
