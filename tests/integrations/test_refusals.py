"""The errors that each system gives most often, in plain words with a cure: what of it is tried again, what waits for a
mapping, for a person, for a period; and where the cure is. Nothing is called "refused" that has a known reason.
"""

import re

import pytest

from receivables.integrations.systems.business_central import client as business_central
from receivables.integrations.systems.intacct import texts as intacct
from receivables.integrations.systems.netsuite import client as netsuite
from receivables.integrations.systems.qbd import texts as qbd
from receivables.integrations.systems.qbo import refusals as qbo

DIALOG = "Application_DialogException"
TABLES = {
    "QuickBooks Online": (
        qbo.plain,
        [
            ("5010", "Stale Object Error", "retryable", ""),
            ("6240", "Duplicate Name Exists Error", "conflict", "customer"),
            ("6140", "Duplicate Document Number Error", "conflict", "number"),
            ("6210", "", "conflict", "number"),
            ("610", "Object Not Found", "needs_mapping", "mapping"),
            ("2500", "Invalid Reference Id", "needs_mapping", "mapping"),
            ("120", "Authorization Failure", "needs_person", "remote"),
            ("6190", "Invalid Company Status", "credentials", "connection"),
            ("500", "Unsupported Operation", "needs_person", "remote"),
            ("6540", "Deposited transaction cannot be changed", "needs_person", "remote"),
            ("6000", "A business validation error has occurred", "needs_person", "remote"),
            (
                "6000",
                "The account period has closed and the account books cannot be updated",
                "period_closed",
                "period",
            ),
            ("6000", "The currency of the transaction is invalid", "needs_person", "remote"),
            ("2010", "Request has invalid or unsupported property", "needs_person", ""),
            ("2050", "String length is too long", "needs_person", ""),
        ],
    ),
    "QuickBooks Desktop": (
        qbd.plain,
        [
            ("570", "cannot be linked", "needs_person", "remote"),
            ("3040", "error converting", "needs_person", ""),
            ("3100", "name in use", "conflict", "customer"),
            ("3120", "cannot be found", "needs_person", "remote"),
            ("3140", "invalid reference", "needs_mapping", "mapping"),
            ("3170", "list busy", "retryable", ""),
            ("3171", "closing date", "period_closed", "period"),
            ("3175", "locked", "retryable", ""),
            ("3176", "related object locked", "retryable", ""),
            ("3180", "saving", "retryable", ""),
            ("3200", "edit sequence is out-of-date", "retryable", ""),
            ("3210", "more than the amount due", "needs_person", ""),
            ("3250", "feature not enabled", "needs_person", "remote"),
            ("3260", "insufficient permission", "needs_person", "remote"),
            ("3261", "insufficient permission", "needs_person", "remote"),
        ],
    ),
    "Business Central": (
        business_central.plain,
        [
            ("Request_EntityChanged", "Another user", "retryable", ""),
            ("Internal_EntityWithSameKeyExists", "", "conflict", "number"),
            (DIALOG, "You are not allowed to apply to an entry with an earlier posting date", "needs_person", "remote"),
            (DIALOG, "Posting Date is not within your range of allowed posting dates", "period_closed", "period"),
            (DIALOG, "(9999) cannot be found in the related table (G/L Account)", "needs_mapping", "mapping"),
            (DIALOG, "The Currency XXX does not exist", "needs_mapping", "mapping"),
            (DIALOG, "Direct Posting must be equal to 'Yes'", "needs_mapping", "mapping"),
            (DIALOG, "You must specify Gen. Bus. Posting Group", "needs_person", "remote"),
            (DIALOG, "The General Posting Setup is missing", "needs_person", "remote"),
            (DIALOG, "Customer 10 is blocked", "needs_person", "remote"),
            (DIALOG, "Invoice 103001 must be open", "needs_person", "remote"),
            (DIALOG, "The journal is out of balance", "needs_person", "remote"),
            ("Application_StringExceededLength", "The length of the string is too long", "needs_person", ""),
            ("Application_FieldValidationException", "Unit Price must not be negative", "needs_person", "remote"),
        ],
    ),
    "NetSuite": (
        lambda code, said: netsuite.plain(code, said, ""),
        [
            ("RCRD_HAS_BEEN_CHANGED", "", "retryable", ""),
            ("USER_ERROR", "The accounting period is closed", "period_closed", "period"),
            ("USER_ERROR", "The period is locked", "period_closed", "period"),
            ("DUP_RCRD", "", "conflict", "number"),
            ("UNIQUE_CUST_ID_REQD", "", "conflict", "number"),
            ("USER_ERROR", "This record already exists", "conflict", "number"),
            ("NONEXISTENT_ID", "", "needs_mapping", "mapping"),
            ("INVALID_KEY_OR_REF", "", "needs_mapping", "mapping"),
            ("RCRD_DSNT_EXIST", "", "needs_mapping", "mapping"),
            ("USER_ERROR", "Invalid reference key 5", "needs_mapping", "mapping"),
            ("INSUFFICIENT_PERMISSION", "", "needs_person", "remote"),
            ("USER_ERROR", "You lack the permission", "needs_person", "remote"),
            ("USER_ERROR", "Please enter value(s) for: Region", "needs_person", "remote"),
            ("USER_ERROR", "It is applied to by others", "needs_person", "remote"),
            ("INVALID_CONTENT", "Unknown property x", "needs_person", "remote"),
        ],
    ),
    "Sage Intacct": (
        lambda code, said: intacct.plain(f"{code} {said}"),
        [
            ("BL01001973", "Periods are closed", "period_closed", "period"),
            ("GW-0010", "Too many", "retryable", ""),
            ("GW-0011", "Too many", "retryable", ""),
            ("XL", "The service is temporarily off-line", "retryable", ""),
            ("PL", "Concurrent request in process", "retryable", ""),
            ("BL34000061", "Another invoice with the given value(s)", "conflict", "number"),
            ("BL", "Duplicate number", "conflict", "number"),
            ("BL", "The number is already in use", "conflict", "number"),
            ("PL", "You do not have permission for API", "needs_person", "remote"),
            ("BL03000018", "Invalid GL Account '9' specified", "needs_mapping", "mapping"),
            ("BL", "Invalid location", "needs_mapping", "mapping"),
            ("BL", "Invalid department", "needs_mapping", "mapping"),
            ("BL03000150", "More than what was paid", "needs_person", "remote"),
            ("DL03000005", "There is no record 7", "needs_person", "remote"),
            ("DL02000001", "Field X is not valid", "needs_person", "remote"),
        ],
    ),
}
CURES = re.compile(
    r"tried again|retry|Map |Open it|Reopen|Rename|Renumber|Allow|allow|Link them|connect again|by hand|Give |Take |"
    r"Compare|Unblock|Make it optional|administrator|Shorten|Check|undo|enter it"
)


@pytest.mark.parametrize("system", TABLES)
def test_the_most_common_errors_have_plain_words_and_a_cure(system):
    plain, rows = TABLES[system]
    assert len(rows) >= 14
    general = plain("?", "?")[1]
    for code, said, trouble, fix in rows:
        found = plain(code, said)
        assert (found[0], found[2]) == (trouble, fix), (code, said, found)
        assert found[1] != general, (code, said)
        assert CURES.search(found[1]), found[1]
        assert code not in found[1], "their codes stand beside, not in our words"
