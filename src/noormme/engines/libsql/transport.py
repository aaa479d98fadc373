"""Requests to a libSQL server, over one HTTP connection that is kept.

Invariant: what goes wrong on the way leaves as an error of noormme's, without the token. A connection on
which an answer was left unread is closed. Nothing here waits in a lock of the interpreter: other threads run
while the server works.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from socket import SHUT_RDWR
from time import monotonic

import msgspec

from noormme.engines.libsql.address import Address
from noormme.engines.libsql.hrana import Fault
from noormme.engines.server.network import readable
from noormme.errors import ConnectionFailed, ConnectionLost, NotSupported, QueryFailed, ReadOnly

__all__ = ["Lost", "TextUnreadable", "Transport"]

_LOST = (OSError, HTTPException, AttributeError, ValueError)
"""What a connection raises that has ended; the last two where another thread has closed it."""

_PIPELINE, _CURSOR = "/v3/pipeline", "/v3/cursor"


class Lost(Exception):
    """The server does not know the stream any more; its transaction was rolled back."""


class TextUnreadable(Exception):
    """A stored text is not valid UTF-8, so the server could not send the rows."""


class Transport:
    """One HTTP connection to a server; opened at the first request.

    Args:
        address: The server.
        connect_s: How long to wait for the connection, in seconds.
    """

    def __init__(self, address: Address, connect_s: float) -> None:
        self._address = address
        kind = HTTPSConnection if address.tls else HTTPConnection
        self._connect_s = max(connect_s, 0.001)
        self._http = kind(address.host, address.port, timeout=self._connect_s)
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if address.token:
            self._headers["Authorization"] = f"Bearer {address.token}"

    def still_there(self) -> bool:
        """Whether the server has said nothing since it was last used, which would be its farewell."""
        if self._http.sock is None:
            return True
        try:
            return not readable(self._http.sock.fileno(), 0.0)
        except (OSError, ValueError):
            return False

    def connect(self) -> None:
        """Open the connection.

        Raises:
            ConnectionLost: The server cannot be reached.
        """
        try:
            self._http.timeout = self._connect_s
            self._http.connect()
        except OSError as error:
            self.close()
            raise self._unreachable(error) from error

    def pipeline(self, body: bytes, limit_s: float | None) -> bytes:
        """Send requests that are answered together.

        Args:
            body: The requests.
            limit_s: How long the answer may take, in seconds; None for any time.

        Returns:
            The answer.

        Raises:
            ConnectionLost: The server cannot be reached, or takes nobody just now.
            ConnectionFailed: It refused the token.
            TimeoutError: The time is over; the connection was closed.
            Lost: The stream has ended.
            TextUnreadable: A text cannot be sent.
            QueryFailed: The server could not answer.
        """
        response = self._send(_PIPELINE, body, limit_s)
        return self._read(response)

    def cursor(self, body: bytes, limit_s: float | None) -> Generator[bytes]:
        """Send a batch whose answer comes in lines; raises what ``pipeline`` does.

        Args:
            body: The batch.
            limit_s: How long each part of the answer may take, in seconds; None for any time.
        """
        response = self._send(_CURSOR, body, limit_s)
        ended = False
        try:
            while line := response.readline():
                if line.strip():
                    yield line
            ended = True
        except TimeoutError:
            raise
        except _LOST as error:
            raise self._failed(error) from error
        finally:
            if not ended:
                self.close()

    def _send(self, path: str, body: bytes, limit_s: float | None) -> HTTPResponse:
        if self._http.sock is None:
            try:
                self.connect()
            except ConnectionLost as lost:
                # Nothing was sent, so whoever writes may try again.
                lost.answered = True
                raise
        ends = None if limit_s is None else monotonic() + limit_s
        try:
            assert self._http.sock is not None, "it was opened above"
            self._http.sock.settimeout(limit_s)
            self._http.request("POST", path, body, self._headers)
            if ends is not None:
                self._http.sock.settimeout(max(ends - monotonic(), 0.001))
            response = self._http.getresponse()
        except TimeoutError:
            self.close()
            raise
        except _LOST as error:
            raise self._failed(error) from error
        if response.status != 200:
            self._refused(response.status, self._read(response))
        return response

    def _read(self, response: HTTPResponse) -> bytes:
        try:
            return response.read()
        except TimeoutError:
            self.close()
            raise
        except _LOST as error:
            raise self._failed(error) from error

    def _unreachable(self, error: OSError) -> ConnectionLost:
        where = self._address.shown
        said = error.strerror or type(error).__name__
        hint = "check that the server runs, and the host and the port"
        if "SSL" in type(error).__name__ or "CERTIFICATE" in str(error).upper():
            said, hint = (
                "the encrypted connection was refused",
                "a server without TLS is reached by libsql+http://",
            )
        return ConnectionLost(f"{where} cannot be reached: {said}", hint=hint)

    def _failed(self, error: Exception) -> ConnectionLost:
        self.close()
        return ConnectionLost(
            "the connection to the server was lost", hint="check that the server runs, and try again"
        )

    def _refused(self, status: int, body: bytes) -> None:
        """Raise what an answer other than 200 means."""
        where = self._address.shown
        if status == 403 and b"Write permission" in body:
            raise ReadOnly("this token lets nobody write", hint="connect() with one that does")
        if status in (401, 403):
            raise ConnectionFailed(
                f"{where} did not let us in",
                hint="give ?auth_token=… in the URL, or set LIBSQL_AUTH_TOKEN; it may have expired",
            )
        fault = _fault(body)
        if fault.code == "STREAM_EXPIRED" or "baton" in fault.message:
            raise Lost
        if "invalid utf-8" in fault.message:
            raise TextUnreadable
        if status == 404:
            raise NotSupported(
                f"{where} does not speak version 3 of the protocol Hrana",
                hint="use sqld 0.24 or later, or Turso",
            )
        if status in (502, 503, 504):
            # A gateway that got no answer (502, 504) does not know what the server has done.
            raise ConnectionLost(
                f"{where} is not available just now (HTTP {status})",
                hint="try again",
                answered=status == 503,
            )
        raise QueryFailed(f"the server could not answer (HTTP {status})")

    def close(self) -> None:
        """End the connection, also under a thread that waits on it; the next request opens another one."""
        sock = self._http.sock
        if sock is not None:
            with suppress(OSError):
                sock.shutdown(SHUT_RDWR)
        self._http.close()


_decode_fault = msgspec.json.Decoder(Fault).decode


def _fault(body: bytes) -> Fault:
    try:
        return _decode_fault(body) if b'"message"' in body else _other(body)
    except msgspec.DecodeError:
        return _other(body)


def _other(body: bytes) -> Fault:
    return Fault(body.decode(errors="replace"))
