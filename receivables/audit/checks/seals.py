"""Checks of the chain of seals: what was changed, taken out or put in behind the application's back."""

from django.utils.translation import gettext_lazy as _

from receivables.audit.canonical import DIGESTS, TABLES, VERSION
from receivables.audit.checks.base import Check, Rows


def _changed(kind: str) -> str:
    return f"""
        SELECT s.organization_id, s.row_id AS id FROM audit_seal s LEFT JOIN {TABLES[kind]} r ON r.id = s.row_id
         WHERE s.kind = '{kind}' AND (s.version <> {VERSION} OR r.id IS NULL OR r.organization_id <> s.organization_id
            OR s.digest IS DISTINCT FROM {DIGESTS[kind]})"""  # noqa: S608 - our own names


def _put_in(kind: str) -> str:
    """Rows with a key below what was sealed: a row is sealed only when no lower key can be committed any more."""
    return f"""
        SELECT r.organization_id, '{kind} ' || r.id AS id FROM {TABLES[kind]} r
          JOIN (SELECT organization_id, max(row_id) AS last FROM audit_seal WHERE kind = '{kind}'
                 GROUP BY organization_id) m ON m.organization_id = r.organization_id AND r.id < m.last
          LEFT JOIN audit_seal s ON s.organization_id = r.organization_id AND s.kind = '{kind}' AND s.row_id = r.id
         WHERE s.id IS NULL"""  # noqa: S608 - our own names


CHECKS = (
    Check(
        "O3", "sealed_entries_are_unchanged",
        _("Every journal entry that was sealed is there, with its lines, as it was."),
        Rows(_("journal entry"), "journal_entry"),
        sql=_changed("entry"),
    ),
    Check(
        "O3", "sealed_events_are_unchanged",
        _("Every event that was sealed is there as it was."),
        Rows(_("event")),
        sql=_changed("event"),
    ),
    Check(
        "O3", "nothing_was_put_in_between",
        _("No journal entry or event appeared among those that were sealed."),
        Rows(_("kind and row")),
        sql=f"{_put_in('entry')} UNION ALL {_put_in('event')}",
    ),
    Check(
        "O3", "the_chain_is_whole",
        _("Every seal follows the one before it, from the first without a gap."),
        Rows(_("seal number")),
        sql="""
        SELECT organization_id, number AS id FROM (
            SELECT s.*, lag(s.number) OVER chain AS before, lag(s.hash) OVER chain AS previous FROM audit_seal s
            WINDOW chain AS (PARTITION BY s.organization_id ORDER BY s.number)) s
         WHERE number <> coalesce(before, 0) + 1
            OR hash IS DISTINCT FROM sha256(coalesce(previous, ''::bytea) || digest || convert_to(
                 concat_ws('|', number, kind, row_id, version,
                           to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US')), 'UTF8'))""",
    ),
    Check(
        "O3", "the_chain_has_every_known_head",
        _("The chain still has the head that every audit saw: its end was neither cut off nor made anew."),
        Rows(_("audit"), "audit_run"),
        sql="""
        SELECT a.organization_id, a.id FROM audit_auditrun a
          LEFT JOIN audit_seal s ON s.organization_id = a.organization_id AND s.number = a.seal_number
         WHERE a.seal_number > 0 AND encode(s.hash, 'hex') IS DISTINCT FROM a.seal_hash""",
    ),
)  # fmt: skip
