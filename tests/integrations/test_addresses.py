"""Where calls may go: https to known names, which are resolved once and lead to public addresses alone."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import httpcore
import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from receivables.integrations import addresses, egress
from receivables.integrations.models import Connection
from receivables.integrations.systems.base import Fault
from receivables.integrations.systems.business_central.client import Client as BusinessCentral
from receivables.integrations.systems.intacct.client import Client as SageIntacct
from receivables.integrations.systems.netsuite.client import Client as NetSuite
from receivables.integrations.systems.qbo.client import Client as QuickBooks
from receivables.integrations.vault import sealed
from receivables.integrations.webhooks import sending
from tests.integrations.stages import STAGES

PUBLIC = "93.184.216.34"
NAME = "books.example.com"


@pytest.fixture(autouse=True)
def as_outside_of_tests(settings):
    settings.ALLOW_LOOPBACK_SYSTEMS = False


@pytest.fixture
def leads_to(monkeypatch):
    """Whatever is resolved leads to these; the names that were asked for, and the addresses that were dialled."""

    def dial(address, *arguments, **more):
        dialled.append(address[0])
        raise OSError("no network in tests")

    def lead(*found):
        monkeypatch.setattr(addresses, "resolve", lambda host, port: asked.append(host) or list(found))
        monkeypatch.setattr(socket, "create_connection", dial)
        return asked, dialled

    asked, dialled = [], []
    return lead


def test_what_an_address_of_a_webhook_says(settings):
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


def test_which_addresses_are_public():
    private = [
        "10.1.2.3", "127.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1",
        "::1", "fe80::1", "fc00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "255.255.255.255",
    ]  # fmt: skip
    assert [each for each in private if addresses.is_public(each)] == []
    assert all(addresses.is_public(each) for each in (PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"))


def test_no_system_is_called_at_a_private_address_or_another_name(db, leads_to):
    """Each system's own client, sign-in included: a name that leads inside, in part too, is never dialled."""
    asked, dialled = leads_to(PUBLIC, "10.0.0.1")
    calls = {
        "quickbooks_online": (QuickBooks, lambda client: client.http.get("https://quickbooks.api.intuit.com/")),
        "business_central": (BusinessCentral, lambda client: client.call("GET", "customers")),
        "netsuite": (NetSuite, lambda client: client.call("GET", "invoice")),
        "sage_intacct": (SageIntacct, lambda client: client._session(renew=True)),
    }
    for system, (make, call) in calls.items():
        stage = STAGES[system]
        options = {"company": "1", "tenant": "t", "environment": "production", "account": "1234567"}
        client = make(Connection(system=system, options=options, secrets=sealed(stage.secrets)))
        with pytest.raises((Fault, httpx.ConnectError)) as raised:
            call(client)
        assert getattr(raised.value, "trouble", "retryable") == "retryable", system
        with pytest.raises(egress.Forbidden):
            egress.fetch(client.http, "GET", "https://elsewhere.example.com/")
    assert (len(asked), dialled) == (len(calls), [])


def test_a_name_is_resolved_once_and_the_call_goes_there(leads_to):
    """Whatever the name says afterwards: the connection goes to what was checked; one that is down to the next."""
    asked, dialled = leads_to(PUBLIC, "2606:2800:220:1:248:1893:25c8:1946")
    assert sending.post("https://shop.example.com/", "{}", {}) == sending.Answered(0, "no network in tests")
    assert (asked, dialled) == (["shop.example.com"], [PUBLIC, "2606:2800:220:1:248:1893:25c8:1946"])
    leads_to("169.254.169.254")
    assert sending.post("https://shop.example.com/", "{}", {}).text == "The name leads into a private network."
    assert sending.post("https://10.0.0.1/", "{}", {}).text == "host"
    assert len(dialled) == 2


def test_an_answer_in_drops_is_waited_for_as_a_whole(monkeypatch):
    """Each drop comes in time, the head and the body never end: once the time for all is over, so is the call."""

    class Drops:
        def read(self, most, timeout):
            waited.append(timeout)
            now[0] += 4
            return b"H"

        def write(self, buffer, timeout):
            now[0] += 1

    now, waited = [100.0], []
    monkeypatch.setattr(addresses, "monotonic", lambda: now[0])
    stream = addresses.Patience(Drops(), 10)
    for _request in range(2):  # the next one on the same connection has its own time
        waited.clear()
        stream.write(b"GET")
        with pytest.raises(httpcore.ReadTimeout):
            while stream.read(1, 5):
                pass
        assert waited == [5, 5, 2]


def test_the_certificate_and_host_are_those_of_the_name(leads_to, monkeypatch, tmp_path):
    """The address that is dialled is nobody's name: a server there has to prove that it is whom we asked for."""
    key, certificate = _certificate(tmp_path)
    seen = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        threading.Thread(target=_answer, args=(server, certificate, key, seen), daemon=True).start()
        monkeypatch.setattr(addresses, "resolve", lambda host, port: ["127.0.0.1"])
        monkeypatch.setattr(addresses, "is_public", lambda address: True)
        trusted = ssl.create_default_context(cafile=certificate)
        with httpx.Client(transport=addresses.Transport(trusted, 30), trust_env=False) as http:
            assert http.get(f"https://{NAME}:{port}/").text == "ok"
            with pytest.raises(httpx.ConnectError, match="certificate"):
                http.get(f"https://other.example.com:{port}/")
    assert seen == [NAME, f"Host: {NAME}:{port}", "other.example.com"]


def _certificate(folder):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    files = folder / "key.pem", folder / "certificate.pem"
    files[0].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    files[1].write_bytes(made.public_bytes(Encoding.PEM))
    return files


def _answer(server, certificate, key, seen):
    """Answer two connections, and note the name that each asks for and the Host of what comes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.sni_callback = lambda connection, name, context: seen.append(name)
    for _connection in range(2):
        plain, _address = server.accept()
        try:
            with context.wrap_socket(plain, server_side=True) as secure:
                lines = secure.recv(4096).decode().splitlines()
                seen.extend(line for line in lines if line.startswith("Host:"))
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        except ssl.SSLError:  # the certificate was not accepted
            plain.close()
