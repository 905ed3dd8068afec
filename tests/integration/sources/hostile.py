"""A proxy on loopback that does to a connector what networks and overloaded servers do."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import parse_qs, urlsplit, urlunsplit


@dataclass
class Manners:
    """How the proxy behaves; may be changed while it runs.

    Sizes are bytes of the server's answers on one connection, and what happens at a size happens
    ``times`` times in all: later connections fare better.
    """

    mute: bool = False
    """Accept and never answer."""
    drop_every: int = 0
    """Close every n-th connection as soon as it came."""
    stall_after: int | None = None
    """Pass so much of an answer on, and then nothing for ever."""
    cut_after: int | None = None
    drip_after: int | None = None
    """From here on one byte each quarter of a second."""
    times: int = 1_000_000
    delay: float = 0.0
    """Seconds by which each answer is late."""


@dataclass
class Proxy:
    port: int
    manners: Manners
    connections: int = 0
    passed: int = 0
    """Bytes of answers that went through."""
    open: set[socket.socket] = field(default_factory=set)


@contextmanager
def proxy(url: str, manners: Manners | None = None) -> Iterator[tuple[Proxy, str]]:
    """The proxy, and the URL that leads through it; whatever is open is closed at the end."""
    listener = socket.create_server(("127.0.0.1", 0))
    made = Proxy(listener.getsockname()[1], manners or Manners())
    numbers = count(1)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            made.connections += 1
            made.open.add(client)
            threading.Thread(target=serve, args=(client, next(numbers)), daemon=True).start()

    def serve(client: socket.socket, number: int) -> None:
        manners = made.manners
        if manners.drop_every and number % manners.drop_every == 0:
            _close(client)
            return
        if manners.mute:
            return
        server = _server(url)
        made.open.add(server)
        threading.Thread(target=_upstream, args=(client, server), daemon=True).start()
        _downstream(server, client, made)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield made, _through(url, made.port)
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for each in list(made.open):
            _close(each)


def _through(url: str, port: int) -> str:
    parts = urlsplit(url)
    name = parts.netloc.rpartition("@")[0]
    return urlunsplit((parts.scheme, f"{name}@127.0.0.1:{port}", parts.path, "", ""))


def _server(url: str) -> socket.socket:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or "127.0.0.1"])[0]
    port = int(query.get("port", [str(parts.port or 5432)])[0])
    if host.startswith("/"):
        made = socket.socket(socket.AF_UNIX)
        made.connect(host if host.endswith(".sock") else f"{host}/.s.PGSQL.{port}")
        return made
    return socket.create_connection((host, port))


def _upstream(client: socket.socket, server: socket.socket) -> None:
    with suppress(OSError):
        while chunk := client.recv(1 << 16):
            server.sendall(chunk)
    _close(server)


def _downstream(server: socket.socket, client: socket.socket, made: Proxy) -> None:
    sent = 0
    with suppress(OSError):
        while chunk := server.recv(1 << 14):
            manners = made.manners
            if manners.delay:
                time.sleep(manners.delay)
            sizes = (manners.cut_after, manners.stall_after, manners.drip_after)
            size = next((each for each in sizes if each is not None), None)
            if size is not None and sent + len(chunk) > size and manners.times > 0:
                manners.times -= 1
                client.sendall(chunk[: size - sent])
                if manners.stall_after is not None:
                    _until_gone(client)
                if manners.drip_after is not None:
                    _drip(client)
                break
            client.sendall(chunk)
            sent += len(chunk)
            made.passed += len(chunk)
    _close(client)
    _close(server)


def _until_gone(client: socket.socket) -> None:
    while client.fileno() >= 0:
        time.sleep(0.05)


def _drip(client: socket.socket) -> None:
    while True:
        client.sendall(b"\0")
        time.sleep(0.25)


def _close(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
