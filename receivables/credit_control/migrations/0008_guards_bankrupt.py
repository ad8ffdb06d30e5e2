"""The stay that a petition in bankruptcy brings, kept by the database: on an account of which a bankruptcy stands no
process begins and no reminder is written. The functions of 0004 with that added."""

from django.db import migrations

from receivables.core.guards import run

STAY = """
CREATE FUNCTION credit_control_is_bankrupt(account bigint) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM writeoffs_bankruptcy b WHERE b.account_id = account AND NOT EXISTS (
    SELECT 1 FROM writeoffs_bankruptcywithdrawal w WHERE w.bankruptcy_id = b.id));
$$;

CREATE OR REPLACE FUNCTION credit_control_process_started() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.ended_on IS NOT NULL OR NOT EXISTS (
      SELECT 1 FROM customers_debtclass d WHERE d.id = NEW.debt_class_id AND d.eligible_for_collection) THEN
    RAISE EXCEPTION 'debt of this class is not subject to collection' USING ERRCODE = 'RV007';
  END IF;
  IF credit_control_is_bankrupt(NEW.account_id) THEN
    RAISE EXCEPTION 'nobody presses a bankrupt account' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION credit_control_reminder_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF NEW.state <> (CASE WHEN NEW.method = 'email' THEN 'waiting' ELSE 'sent' END) OR NOT EXISTS (
      SELECT 1 FROM credit_control_collectionprocess p JOIN customers_debtclass d ON d.id = p.debt_class_id
       WHERE p.id = NEW.process_id AND p.ended_on IS NULL AND p.step = NEW.step AND p.currency = NEW.currency
         AND d.eligible_for_collection AND NOT credit_control_is_bankrupt(p.account_id)) THEN
    RAISE EXCEPTION 'this reminder does not fit its process' USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("credit_control", "0007_bankrupt"),
        ("writeoffs", "0017_batch_confirmed_by_somebody"),
    ]

    operations = [run(STAY)]
