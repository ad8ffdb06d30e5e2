"""The promises of bankruptcies that are withdrawn, kept by the database: J8, R3, W5."""

from django.db import migrations

from receivables.core.guards import append_only, org_fk, org_key, run

FILINGS = """
-- One bankruptcy of an account stands at a time; the account is locked, so that two can't be made at once.
CREATE FUNCTION writeoffs_bankruptcy_once() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM customers_account WHERE id = NEW.account_id FOR NO KEY UPDATE;
  IF EXISTS (SELECT 1 FROM writeoffs_bankruptcy b WHERE b.account_id = NEW.account_id AND b.id <> NEW.id
                AND NOT EXISTS (SELECT 1 FROM writeoffs_bankruptcywithdrawal v WHERE v.bankruptcy_id = b.id)) THEN
    RAISE EXCEPTION 'a bankruptcy of account % stands already', NEW.account_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_bankruptcy_once AFTER INSERT ON writeoffs_bankruptcy
  FOR EACH ROW EXECUTE FUNCTION writeoffs_bankruptcy_once();
ALTER TABLE writeoffs_bankruptcy ENABLE ALWAYS TRIGGER zz_bankruptcy_once;

-- What a filing stopped is service of its own account, and has stopped.
CREATE FUNCTION writeoffs_bankruptcy_stopped() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM writeoffs_bankruptcy b JOIN customers_agreement a ON a.account_id = b.account_id
                  WHERE b.id = NEW.bankruptcy_id AND a.id = NEW.agreement_id
                    AND a.state IN ('stopped', 'closed', 'reactivated')) THEN
    RAISE EXCEPTION 'bankruptcy % did not stop agreement %', NEW.bankruptcy_id, NEW.agreement_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_bankruptcy_stopped AFTER INSERT ON writeoffs_bankruptcystop
  FOR EACH ROW EXECUTE FUNCTION writeoffs_bankruptcy_stopped();
ALTER TABLE writeoffs_bankruptcystop ENABLE ALWAYS TRIGGER zz_bankruptcy_stopped;
"""

WITHDRAWN = """
-- Both sides lock the bankruptcy first: so nothing is moved for one that is being withdrawn.
CREATE FUNCTION writeoffs_bankruptcy_held() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM writeoffs_bankruptcy WHERE id = NEW.bankruptcy_id FOR NO KEY UPDATE;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_bankruptcy_held BEFORE INSERT ON writeoffs_bankruptcywithdrawal
  FOR EACH ROW EXECUTE FUNCTION writeoffs_bankruptcy_held();
ALTER TABLE writeoffs_bankruptcywithdrawal ENABLE ALWAYS TRIGGER ab_bankruptcy_held;

CREATE FUNCTION writeoffs_bankruptcy_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM writeoffs_bankruptcy WHERE id = NEW.bankruptcy_id FOR SHARE;
  IF EXISTS (SELECT 1 FROM writeoffs_bankruptcywithdrawal v WHERE v.bankruptcy_id = NEW.bankruptcy_id) THEN
    RAISE EXCEPTION 'bankruptcy % was withdrawn', NEW.bankruptcy_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_bankruptcy_stands AFTER INSERT ON writeoffs_writeoff
  FOR EACH ROW WHEN (NEW.bankruptcy_id IS NOT NULL) EXECUTE FUNCTION writeoffs_bankruptcy_stands();
ALTER TABLE writeoffs_writeoff ENABLE ALWAYS TRIGGER zz_bankruptcy_stands;

-- At commit all that a withdrawn bankruptcy moved was taken back, what a dividend moved of it included.
CREATE FUNCTION writeoffs_bankruptcy_withdrawn() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM writeoffs_writeoff w WHERE w.bankruptcy_id = NEW.bankruptcy_id
                AND w.amount <> (SELECT coalesce(sum(r.amount), 0) FROM writeoffs_writeoffreversal r
                                  WHERE r.write_off_id = w.id)) THEN
    RAISE EXCEPTION 'debt of bankruptcy % was not taken back', NEW.bankruptcy_id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_bankruptcy_withdrawn AFTER INSERT ON writeoffs_bankruptcywithdrawal
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION writeoffs_bankruptcy_withdrawn();
ALTER TABLE writeoffs_bankruptcywithdrawal ENABLE ALWAYS TRIGGER zz_bankruptcy_withdrawn;
"""

TABLES = ["bankruptcystop", "bankruptcywithdrawal"]


class Migration(migrations.Migration):
    dependencies = [("writeoffs", "0011_withdrawn_bankruptcies"), ("customers", "0002_initial")]

    operations = [
        org_key(*(f"writeoffs_{name}" for name in TABLES)),
        org_fk("writeoffs_bankruptcystop", "bankruptcy_id", "writeoffs_bankruptcy"),
        org_fk("writeoffs_bankruptcystop", "agreement_id", "customers_agreement"),
        org_fk("writeoffs_bankruptcywithdrawal", "bankruptcy_id", "writeoffs_bankruptcy"),
        append_only(*(f"writeoffs_{name}" for name in TABLES)),
        run(FILINGS),
        run(WITHDRAWN),
    ]
