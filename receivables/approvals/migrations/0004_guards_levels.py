"""A request is granted by as many people as its levels say: each level once, in order, never by the requester, never by
the same person twice; and what limits say of a reason they say of one of the same organization (W3, J8)."""

from django.db import migrations

from receivables.core.guards import append_only, money_check, org_fk, org_key, run

# What was decided before decisions were kept one by one.
EARLIER_DECISIONS = """
INSERT INTO approvals_approvaldecision (organization_id, request_id, level, verdict, decided_by_id, decided_at, note)
SELECT organization_id, id, 1, state, decided_by_id, coalesce(decided_at, requested_at), decision_note
  FROM approvals_approvalrequest WHERE state IN ('approved', 'rejected');
SET CONSTRAINTS ALL IMMEDIATE;
"""

IN_TURN = """
CREATE FUNCTION approvals_decided_in_turn() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  asked approvals_approvalrequest;
  people bigint[] := array_remove(ARRAY[NEW.decided_by_id, NEW.on_behalf_of_id], NULL);
BEGIN
  SELECT * INTO asked FROM approvals_approvalrequest WHERE id = NEW.request_id FOR NO KEY UPDATE;
  IF asked.organization_id IS DISTINCT FROM NEW.organization_id THEN
    RAISE EXCEPTION 'request % is not of this organization', NEW.request_id USING ERRCODE = 'RV007';
  END IF;
  IF asked.state <> 'waiting' THEN
    RAISE EXCEPTION 'request % was already decided', asked.id USING ERRCODE = 'RV001';
  END IF;
  IF asked.requested_by_id = ANY (people) THEN
    RAISE EXCEPTION 'who asked for request % does not decide it', asked.id USING ERRCODE = 'RV007';
  END IF;
  IF EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = asked.id
              AND (d.decided_by_id = ANY (people) OR d.on_behalf_of_id = ANY (people))) THEN
    RAISE EXCEPTION 'nobody decides twice on request %', asked.id USING ERRCODE = 'RV007';
  END IF;
  IF NEW.level > asked.levels
     OR NEW.level <> 1 + (SELECT count(*) FROM approvals_approvaldecision d WHERE d.request_id = asked.id) THEN
    RAISE EXCEPTION 'level % of request % is not the one that waits', NEW.level, asked.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_decided_in_turn BEFORE INSERT ON approvals_approvaldecision
  FOR EACH ROW EXECUTE FUNCTION approvals_decided_in_turn();
ALTER TABLE approvals_approvaldecision ENABLE ALWAYS TRIGGER ab_decided_in_turn;
"""

# The state of a request is what its decisions say, in both directions.
STATE_AGREES = """
CREATE FUNCTION approvals_decision_carried_out() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
DECLARE
  asked approvals_approvalrequest;
BEGIN
  SELECT * INTO asked FROM approvals_approvalrequest WHERE id = NEW.request_id;
  IF (NEW.verdict = 'rejected' AND asked.state <> 'rejected')
     OR (NEW.verdict = 'approved' AND NEW.level = asked.levels AND asked.state <> 'approved') THEN
    RAISE EXCEPTION 'the last decision on request % is not its state', asked.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER zz_decision_carried_out AFTER INSERT ON approvals_approvaldecision
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION approvals_decision_carried_out();
ALTER TABLE approvals_approvaldecision ENABLE ALWAYS TRIGGER zz_decision_carried_out;

CREATE FUNCTION approvals_state_was_decided() RETURNS trigger LANGUAGE plpgsql
  SET search_path = public, pg_temp AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM approvals_approvaldecision d WHERE d.request_id = NEW.id AND d.verdict = NEW.state
                  AND d.decided_by_id = NEW.decided_by_id AND (d.level = NEW.levels OR NEW.state = 'rejected')) THEN
    RAISE EXCEPTION 'request % has not had the decisions that it takes', NEW.id USING ERRCODE = 'RV007';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_state_was_decided AFTER UPDATE ON approvals_approvalrequest FOR EACH ROW
  WHEN (OLD.state = 'waiting' AND NEW.state IN ('approved', 'rejected')) EXECUTE FUNCTION approvals_state_was_decided();
ALTER TABLE approvals_approvalrequest ENABLE ALWAYS TRIGGER zz_state_was_decided;
"""

# Reasons are rows of upper packages, known by the name of their table and their key.
KNOWN_REASON = """
CREATE FUNCTION approvals_known_reason() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  named regclass := to_regclass(replace(split_part(NEW.reason_key, ':', 1), '.', '_'));
  found boolean := false;
BEGIN
  IF named IS NOT NULL AND split_part(NEW.reason_key, ':', 2) ~ '^[0-9]{1,18}$' THEN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s WHERE id = $1 AND organization_id = $2)', named)
       INTO found USING split_part(NEW.reason_key, ':', 2)::bigint, NEW.organization_id;
  END IF;
  IF NOT found THEN
    RAISE EXCEPTION 'there is no reason %', NEW.reason_key USING ERRCODE = 'RV007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ab_known_reason BEFORE INSERT OR UPDATE OF reason_key ON approvals_authoritylimit FOR EACH ROW
  WHEN (NEW.reason_key <> '') EXECUTE FUNCTION approvals_known_reason();
CREATE TRIGGER ab_known_reason BEFORE INSERT ON approvals_approvalrequest FOR EACH ROW
  WHEN (NEW.reason_key <> '') EXECUTE FUNCTION approvals_known_reason();
ALTER TABLE approvals_authoritylimit ENABLE ALWAYS TRIGGER ab_known_reason;
ALTER TABLE approvals_approvalrequest ENABLE ALWAYS TRIGGER ab_known_reason;
"""

ASKED_FOR_EVER = """
CREATE TRIGGER ab_fixed_levels BEFORE UPDATE ON approvals_approvalrequest FOR EACH ROW
  WHEN ((NEW.levels, NEW.reason_key, NEW.permission) IS DISTINCT FROM (OLD.levels, OLD.reason_key, OLD.permission))
  EXECUTE FUNCTION forbid_change();
ALTER TABLE approvals_approvalrequest ENABLE ALWAYS TRIGGER ab_fixed_levels;
"""


class Migration(migrations.Migration):
    dependencies = [("approvals", "0003_sealed")]

    operations = [
        run(EARLIER_DECISIONS),
        append_only("approvals_approvaldecision"),
        org_key("approvals_approvalrequest"),
        org_fk("approvals_approvaldecision", "request_id", "approvals_approvalrequest"),
        money_check("approvals_approvalstep", "amount_from"),
        run(IN_TURN),
        run(STATE_AGREES),
        run(KNOWN_REASON),
        run(ASKED_FOR_EVER),
    ]
