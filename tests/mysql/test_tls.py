"""TLS: what a URL asks for is what the connection has, or there is none."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from noormme import ConnectionFailed, connect
from tests.mysql.server import own_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's, signed by itself, with its key beside it."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("install OpenSSL's program to make a certificate")
    made = tmp_path_factory.mktemp("tls") / "server.pem"
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    files = ["-keyout", made.with_suffix(".key"), "-out", made]
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *names, *files],
        check=True,
        capture_output=True,
    )
    return made


@pytest.fixture(scope="module")
def secured(certificate: Path) -> Iterator[str]:
    with own_server(f"--ssl-cert={certificate}", f"--ssl-key={certificate.with_suffix('.key')}") as url:
        if url is None:
            pytest.skip("install MariaDB's own programs to start a server with TLS")
        yield url


def cipher(url: str) -> str:
    with connect(url) as db:
        return str(db.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")[0][1])


def test_encrypted_where_the_server_can(secured: str) -> None:
    assert cipher(secured) != ""
    assert cipher(f"{secured}&ssl=1") != ""
    assert cipher(f"{secured}&ssl=0") == ""


def test_whose_certificate_it_is(secured: str, certificate: Path) -> None:
    trusted = f"{secured}&ssl_ca={certificate}"
    assert cipher(trusted) != ""
    assert cipher(f"{trusted}&ssl_verify_identity=1") != ""
    stranger = f"{secured}&ssl_verify_cert=1"
    with pytest.raises(ConnectionFailed, match="check the certificates"):
        connect(stranger)
    elsewhere = trusted.replace("@localhost", "@127.0.0.1") + "&ssl_verify_identity=1"
    with pytest.raises(ConnectionFailed, match="check the certificates"):
        connect(elsewhere)


def test_a_server_without_it(server: str) -> None:
    with connect(server) as db:
        if db.execute("SELECT @@have_ssl")[0][0] == "YES":
            pytest.skip("this server has TLS")
    with pytest.raises(ConnectionFailed, match="check the certificates"):
        connect(f"{server}{'&' if '?' in server else '?'}ssl=1")
