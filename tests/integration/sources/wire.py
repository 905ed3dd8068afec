"""A proxy in front of PostgreSQL that counts the statements a client sends."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

STATEMENTS = {b"Q", b"P"}
"""Simple queries, and statements that are parsed."""


@dataclass
class Wire:
    port: int
    statements: list[str] = field(default_factory=list)


@contextmanager
def counted(url: str) -> Iterator[Wire]:
    """Listen on a port of this machine and hand everything on to the server of ``url``."""
    listener = socket.create_server(("127.0.0.1", 0))
    wire = Wire(listener.getsockname()[1])
    stopping = threading.Event()

    def accept() -> None:
        while not stopping.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            server = _server(url)
            threading.Thread(target=_pump, args=(server, client), daemon=True).start()
            threading.Thread(target=_watch, args=(client, server, wire), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield wire
    finally:
        stopping.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(2)


def _server(url: str) -> socket.socket:
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    host = query.get("host", [parts.hostname or "127.0.0.1"])[0]
    port = int(query.get("port", [str(parts.port or 5432)])[0])
    if host.startswith("/"):
        made = socket.socket(socket.AF_UNIX)
        made.connect(f"{host}/.s.PGSQL.{port}")
        return made
    return socket.create_connection((host, port))


def _pump(source: socket.socket, target: socket.socket) -> None:
    with closing(source), closing(target), suppress(OSError):
        while chunk := source.recv(1 << 16):
            target.sendall(chunk)


def _watch(client: socket.socket, server: socket.socket, wire: Wire) -> None:
    with closing(client), closing(server), suppress(OSError):
        stream = client.makefile("rb")
        with closing(stream):
            size = stream.read(4)
            server.sendall(size + stream.read(int.from_bytes(size, "big") - 4))
            while kind := stream.read(1):
                size = stream.read(4)
                body = stream.read(int.from_bytes(size, "big") - 4)
                if kind in STATEMENTS:
                    wire.statements.append(body.strip(b"\0").decode(errors="replace"))
                server.sendall(kind + size + body)
