"""What the database itself refuses about people and organizations."""

from django.db import migrations

# Every balance of an organization is in its currency, and a membership is the actor of past events: neither may
# come to mean something else. RV001 = what is fixed is not changed.
FIXED = """
CREATE FUNCTION accounts_fixed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is fixed', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'RV001';
END $$;
CREATE TRIGGER aa_fixed BEFORE UPDATE ON accounts_organization FOR EACH ROW
  WHEN (NEW.currency IS DISTINCT FROM OLD.currency)
  EXECUTE FUNCTION accounts_fixed('the currency');
CREATE TRIGGER aa_fixed BEFORE UPDATE ON accounts_membership FOR EACH ROW
  WHEN ((NEW.user_id, NEW.organization_id) IS DISTINCT FROM (OLD.user_id, OLD.organization_id))
  EXECUTE FUNCTION accounts_fixed('person and organization');
CREATE TRIGGER aa_kept BEFORE DELETE ON accounts_organization FOR EACH ROW
  EXECUTE FUNCTION accounts_fixed('the row');
CREATE TRIGGER aa_kept BEFORE DELETE ON accounts_membership FOR EACH ROW
  EXECUTE FUNCTION accounts_fixed('the row');
CREATE TRIGGER aa_kept BEFORE DELETE ON accounts_user FOR EACH ROW
  EXECUTE FUNCTION accounts_fixed('the row');
ALTER TABLE accounts_organization ENABLE ALWAYS TRIGGER aa_fixed;
ALTER TABLE accounts_membership ENABLE ALWAYS TRIGGER aa_fixed;
ALTER TABLE accounts_organization ENABLE ALWAYS TRIGGER aa_kept;
ALTER TABLE accounts_membership ENABLE ALWAYS TRIGGER aa_kept;
ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER aa_kept;
"""

# An organization that has an Admin who can sign in never loses the last one (RV009). The organization's row is
# locked first and the Admins are read in a second statement, so two Admins can't remove each other at once.
LAST_ADMIN = """
CREATE FUNCTION accounts_keep_admin(org bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM 1 FROM accounts_organization WHERE id = org FOR NO KEY UPDATE;
  IF NOT EXISTS (SELECT 1 FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id
                  WHERE m.organization_id = org AND m.role = 'admin' AND m.active AND u.is_active) THEN
    RAISE EXCEPTION 'organization % would lose its last admin', org USING ERRCODE = 'RV009';
  END IF;
END $$;
CREATE FUNCTION accounts_membership_keeps_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_keep_admin(OLD.organization_id);
  RETURN NULL;
END $$;
CREATE FUNCTION accounts_user_keeps_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM accounts_keep_admin(m.organization_id) FROM (
    SELECT organization_id FROM accounts_membership
     WHERE user_id = OLD.id AND role = 'admin' AND active ORDER BY organization_id) m;
  RETURN NULL;
END $$;
CREATE TRIGGER zz_keep_admin AFTER UPDATE ON accounts_membership FOR EACH ROW
  WHEN (OLD.role = 'admin' AND OLD.active AND NOT (NEW.role = 'admin' AND NEW.active))
  EXECUTE FUNCTION accounts_membership_keeps_admin();
CREATE TRIGGER zz_keep_admin AFTER UPDATE ON accounts_user FOR EACH ROW
  WHEN (OLD.is_active AND NOT NEW.is_active)
  EXECUTE FUNCTION accounts_user_keeps_admin();
ALTER TABLE accounts_membership ENABLE ALWAYS TRIGGER zz_keep_admin;
ALTER TABLE accounts_user ENABLE ALWAYS TRIGGER zz_keep_admin;
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(FIXED), migrations.RunSQL(LAST_ADMIN)]
