"""Where webhooks may go: public servers over https, resolved once and held to that."""

import socket

from receivables.integrations.webhooks import sending


def test_what_an_address_says(settings):
    settings.ALLOW_LOOPBACK_SYSTEMS = False
    for url, problem in [
        ("https://shop.example.com/hook", ""), ("http://shop.example.com/", "scheme"), ("https://10.0.0.1/", "host"),
        ("https://[::1]/", "host"), ("https://user:pw@shop.example.com/", "user"), ("https://localhost/", "host"),
        ("https://shop.example.com:8443/", "port"), ("https://printer.local/", "host"), ("https://127.0.0.1/", "host"),
        ("https://2130706433/", "host"), ("ftp://shop.example.com/", "scheme"), ("https://", "host"),
        ("https://shop.example.com:x/", "host"),
    ]:  # fmt: skip
        assert sending.address_problem(url) == problem, url
    settings.WEBHOOK_HOSTS = (".example.org", "only.example.com")
    allowed = {host: sending.address_problem(f"https://{host}/") for host in (
        "shop.example.com", "a.example.org", "only.example.com")}  # fmt: skip
    assert allowed == {"shop.example.com": "host", "a.example.org": "", "only.example.com": ""}


def test_what_a_name_leads_to(settings, monkeypatch):
    settings.ALLOW_LOOPBACK_SYSTEMS = False
    public = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
    private = [
        "10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "255.255.255.255",
    ]  # fmt: skip
    assert [each for each in public if not sending.is_public(each)] == []
    assert [each for each in private if sending.is_public(each)] == []
    monkeypatch.setattr(sending, "resolve", lambda host: ["93.184.216.34", "10.0.0.1"])
    assert sending.post("https://shop.example.com/", "{}", {}).text == "forbidden: private"
    monkeypatch.setattr(sending, "resolve", lambda host: ["93.184.216.34"])
    assert sending.pinned("https://shop.example.com/hook?a=1") == ("https://93.184.216.34/hook?a=1", "shop.example.com")


def test_a_name_is_resolved_once_and_the_call_goes_there(settings, monkeypatch):
    """Whatever the name says afterwards: the connection goes to the number that was checked."""
    settings.ALLOW_LOOPBACK_SYSTEMS = False
    asked, dialled = [], []
    monkeypatch.setattr(sending, "resolve", lambda host: asked.append(host) or ["93.184.216.34"])

    def dial(address, *arguments, **more):
        dialled.append(address[0])
        raise OSError("no network in tests")

    monkeypatch.setattr(socket, "create_connection", dial)
    assert sending.post("https://shop.example.com/", "{}", {}).status == 0
    assert (asked, dialled) == (["shop.example.com"], ["93.184.216.34"])
