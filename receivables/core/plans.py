"""How the guards of the database find their rows: by index, whatever the statistics say.

A guard reads a few rows by their keys, thousands of times in one batch. Its plans are kept for the life of a
connection; one that was made while the tables were nearly empty would read whole tables for every row once they are
full. So the functions that run with the owner's rights are planned without that choice.
"""

from typing import Any

SETTINGS = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")

GUARDS = """
SELECT p.oid::regprocedure::text, coalesce(p.proconfig, '{}') FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
 WHERE p.pronamespace = 'public'::regnamespace AND p.prosecdef AND l.lanname = 'plpgsql' ORDER BY 1
"""


def unsettled(cursor: Any) -> dict[str, list[str]]:
    """Guard functions, with the settings that they still lack."""
    cursor.execute(GUARDS)
    return {
        signature: lacking
        for signature, config in cursor.fetchall()
        if (lacking := [name for name in SETTINGS if f"{name}=off" not in config])
    }


def settle(cursor: Any) -> None:
    """Give every guard function its settings. `cursor` is the owner's; replacing a function takes them away again."""
    for signature, lacking in unsettled(cursor).items():
        for name in lacking:
            cursor.execute(f"ALTER FUNCTION {signature} SET {name} = off")
