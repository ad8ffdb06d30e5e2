"""Functions that guards of every package call, and the guards of core's own tables."""

from django.db import migrations

from receivables.core.guards import append_only, no_delete, run

FUNCTIONS = """
CREATE FUNCTION forbid_change() RETURNS trigger LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
BEGIN
  RAISE EXCEPTION '% on % is forbidden: post a reversal instead', TG_OP, TG_TABLE_NAME USING ERRCODE = 'RV001';
END $$;

-- ISO 4217, kept equal to receivables.core.money by a test. Bodies are parsed at creation, so that a restore, which
-- runs with an empty search path, can still check amounts.
CREATE OR REPLACE FUNCTION currency_decimals(currency text) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF') THEN 0 WHEN currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND') THEN 3 WHEN currency IN ('CLF', 'UYW') THEN 4 WHEN currency ~ '^[A-Z]{3}$' THEN 2 END;
CREATE OR REPLACE FUNCTION money_ok(amount numeric, currency text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN amount IS NULL OR coalesce(
  amount <> 'NaN' AND abs(amount) < 1000000000000000 AND amount = round(amount, currency_decimals(currency)), false);

CREATE FUNCTION take_numbers(p_organization bigint, p_kinds text[], p_counts int[])
RETURNS TABLE (kind text, first bigint, prefix text, width int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE i int;
BEGIN
  FOR i IN SELECT k.position FROM unnest(p_kinds) WITH ORDINALITY AS k(kind, position) ORDER BY k.kind LOOP
    IF p_counts[i] < 1 THEN
      RAISE EXCEPTION 'a count of numbers is at least 1' USING ERRCODE = 'RV002';
    END IF;
    UPDATE core_sequence AS s SET last = s.last + p_counts[i]
      WHERE s.organization_id = p_organization AND s.kind = p_kinds[i]
      RETURNING s.kind, s.last - p_counts[i] + 1, s.prefix, s.width
      INTO take_numbers.kind, take_numbers.first, take_numbers.prefix, take_numbers.width;
    IF NOT FOUND THEN
      RAISE EXCEPTION 'no number sequence % in organization %', p_kinds[i], p_organization USING ERRCODE = 'RV002';
    END IF;
    RETURN NEXT;
  END LOOP;
END $$;

CREATE FUNCTION numbers_taken() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM new_rows n LEFT JOIN core_sequence s
               ON s.organization_id = n.organization_id AND s.kind = TG_ARGV[0]
             WHERE n.sequence_number < 1 OR n.sequence_number > coalesce(s.last, 0)) THEN
    RAISE EXCEPTION 'a number of % was not taken from its sequence', TG_TABLE_NAME USING ERRCODE = 'RV002';
  END IF;
  RETURN NULL;
END $$;

CREATE FUNCTION numbers_used() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE used bigint;
BEGIN
  EXECUTE format('SELECT count(*) FROM %I WHERE organization_id = $1 AND sequence_number > $2 AND sequence_number <= $3',
                 TG_ARGV[0]) INTO used USING NEW.organization_id, OLD.last, NEW.last;
  IF used <> NEW.last - OLD.last THEN
    RAISE EXCEPTION 'numbers % to % of % were taken but not all used', OLD.last + 1, NEW.last, TG_ARGV[0]
      USING ERRCODE = 'RV002';
  END IF;
  RETURN NULL;
END $$;
"""

UNDO = """
DROP FUNCTION numbers_used(); DROP FUNCTION numbers_taken(); DROP FUNCTION take_numbers(bigint, text[], int[]);
DROP FUNCTION money_ok(numeric, text); DROP FUNCTION currency_decimals(text); DROP FUNCTION forbid_change();
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]

    operations = [
        run(FUNCTIONS, UNDO),
        append_only("core_event"),
        no_delete("core_sequence", "core_job"),
    ]
