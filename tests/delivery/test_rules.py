"""When an invoice may be sent, and what an address, a header and a text may hold: tables without a database."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from receivables.billing.delivery import rules
from receivables.billing.delivery.addresses import MOST_ADDRESSES, OneLineField, split_addresses
from receivables.billing.delivery.texts import check_places, fill, one_line


def code(blocker):
    return blocker.code if blocker else None


SENDING = [
    # changed facts, may it be sent, may it be sent again
    ({}, None, "not_sent"),
    ({"voided": True, "sent_revision": 2}, "void", "void"),
    ({"sent_revision": 1}, None, "not_sent"),
    ({"sent_revision": 2}, "already_sent", None),
    ({"latest": "waiting"}, "under_way", "not_sent"),
    ({"latest": "sending"}, "under_way", "not_sent"),
    ({"latest": "uncertain"}, "uncertain", "not_sent"),
    ({"latest": "failed"}, None, "not_sent"),
    ({"sent_revision": 2, "latest": "waiting"}, "already_sent", "under_way"),
    ({"sent_revision": 2, "latest": "bounced"}, "already_sent", None),
    ({"sent_revision": 2, "latest": "partly"}, "already_sent", None),
    ({"internal": True}, None, "not_sent"),
]


@pytest.mark.parametrize(("changed", "send", "again"), SENDING)
def test_send_invoice_and_resend_invoice(changed, send, again):
    facts = rules.SendFacts(**{"number": "INV-1", "revision": 2, **changed})
    assert (code(rules.send_invoice_blocker(facts)), code(rules.resend_invoice_blocker(facts))) == (send, again)


@pytest.mark.parametrize(
    ("internal", "said", "expected"),
    [(False, False, None), (True, False, "internal"), (True, True, None)],
)
def test_send_invoice_keeps_internal_revisions_unless_somebody_says_so(internal, said, expected):
    assert code(rules.internal_blocker(internal=internal, internal_too=said)) == expected


@pytest.mark.parametrize(
    ("state", "voided", "newest", "expected"),
    [
        ("failed", False, True, None),
        ("uncertain", False, True, None),
        ("waiting", False, True, "not_failed"),
        ("sent", False, True, "not_failed"),
        ("failed", True, True, "void"),
        ("failed", False, False, "superseded"),
    ],
)
def test_retry_dispatch_rule(state, voided, newest, expected):
    assert code(rules.retry_dispatch_blocker(state=state, voided=voided, newest=newest)) == expected


@pytest.mark.parametrize(
    ("state", "voided", "expected"),
    [("uncertain", False, None), ("failed", False, "not_uncertain"), ("uncertain", True, "void")],
)
def test_confirm_dispatch_rule(state, voided, expected):
    assert code(rules.confirm_dispatch_blocker(state=state, voided=voided)) == expected


@pytest.mark.parametrize(
    ("state", "method", "day", "expected"),
    [
        ("sent", "email", date(2026, 11, 3), None),
        ("sent", "email", None, None),
        ("sent", "email", date(2026, 11, 2), "before_sent"),
        ("partly", "email", date(2026, 11, 3), None),
        ("sent", "post", None, "not_sent"),
        ("failed", "email", None, "not_sent"),
        ("bounced", "email", None, "bounced"),
    ],
)
def test_note_bounce_rule(state, method, day, expected):
    blocker = rules.note_bounce_blocker(state=state, method=method, sent_on=date(2026, 11, 3), bounced_on=day)
    assert code(blocker) == expected


@pytest.mark.parametrize(
    ("method", "to", "cc", "automatic", "field"),
    [
        ("email", ["a@b.example"], [], True, None),
        ("email", [], [], False, None),
        ("email", [], [], True, "to"),
        ("email", [], ["c@b.example"], False, "to"),
        ("post", [], [], False, None),
        ("post", ["a@b.example"], [], True, "automatic"),
    ],
)
def test_edit_delivery_rule(method, to, cc, automatic, field):
    blocker = rules.edit_delivery_blocker(method=method, to=to, cc=cc, automatic=automatic)
    assert (blocker.field if blocker else None) == field


@pytest.mark.parametrize(
    ("voided", "newer", "expected"), [(False, None, None), (True, None, "void"), (False, 3, "superseded")]
)
def test_what_changed_before_the_hand_over_stays_here(voided, newer, expected):
    assert code(rules.hand_over_blocker(voided=voided, superseded_by=newer, revision=2)) == expected


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", []),
        ("a@b.example", ["a@b.example"]),
        (" a@b.example; c@d.example,\n e@f.example ", ["a@b.example", "c@d.example", "e@f.example"]),
        ("A@b.example a@B.example", ["A@b.example"]),
        ("o'hara+ar@münchen.example", ["o'hara+ar@münchen.example"]),
    ],
)
def test_typed_addresses(typed, found):
    assert split_addresses(typed) == found


@pytest.mark.parametrize(
    "typed",
    [
        "somebody", "a@b", "@b.example", "Eve <eve@b.example>", "a@b.example\nBcc: eve@b.example",
        "a@b.example%0aBcc:x", "a@b.example\r\nSubject:x", "a\x00@b.example", "a@b.example\x1f",
        f"{'a' * 250}@b.example", "a@b\u2028c.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_refused(typed):
    with pytest.raises(ValidationError):
        split_addresses(typed)


def test_there_is_an_end_to_recipients():
    many = [f"a{n}@b.example" for n in range(MOST_ADDRESSES + 1)]
    assert len(split_addresses(",".join(many[1:]))) == MOST_ADDRESSES
    with pytest.raises(ValidationError, match="at most"):
        split_addresses(",".join(many))


@pytest.mark.parametrize("text", ["Invoice\nBcc: eve@b.example", "a\rb", "a\x0bb", "a\u2028b", "a\x7fb"])
def test_a_header_is_one_line(text):
    with pytest.raises(ValidationError):
        OneLineField().clean(text)
    assert one_line(text, 200).isprintable()


@pytest.mark.parametrize("text", ["Invoice {number}", "no place", "{total} is due {due_date}"])
def test_places_that_exist(text):
    check_places(text)


@pytest.mark.parametrize(
    "text", ["{numbr}", "{}", "{number", "number}", "{{number}}", "{number.__class__}", "{number!r}", "{0}"]
)
def test_places_that_do_not_exist_are_refused(text):
    with pytest.raises(ValidationError):
        check_places(text)


def test_a_value_is_never_read_as_a_text_with_places():
    assert fill("{customer} owes {total}", {"customer": "{total}", "total": "5.00"}) == "{total} owes 5.00"
