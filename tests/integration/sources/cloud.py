"""The smallest of S3 servers, which does what no real one can be made to do: stall and refuse."""

import hashlib
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID
from xml.sax.saxutils import escape

from muniment.contracts.connectors import SourceConnection
from muniment.kernel.values import JsonObject

PAGE = 1000
Answer = tuple[int, bytes]


class Cloud:
    """One bucket named ``lake``. ``first`` may answer the path of a request instead of it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.objects: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.first: Callable[[str], Answer | None] = lambda _: None
        self.over = threading.Event()

    def connection(self, prefix: str = "", **changed: str | bool) -> SourceConnection:
        settings: JsonObject = {
            "bucket": "lake",
            "prefix": prefix,
            "endpoint": f"http://127.0.0.1:{self.port}",
            "allow_http": True,
            **changed,
        }
        secrets = {"access_key_id": "KEY", "secret_access_key": "hush-hush"}
        return SourceConnection(UUID(int=9), "lake", "s3", settings, secrets)

    def page(self, prefix: str, delimiter: str, after: str) -> bytes:
        names = sorted(name for name in self.objects if name.startswith(prefix))
        found: list[str] = []
        folders: dict[str, None] = {}
        start = bisect_right(names, after)
        for name in names[start : start + PAGE]:
            rest = name[len(prefix) :]
            if delimiter and delimiter in rest:
                folders[prefix + rest.partition(delimiter)[0] + delimiter] = None
                continue
            found.append(
                f"<Contents><Key>{escape(name)}</Key><Size>{len(self.objects[name])}</Size>"
                f"<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
                f"<ETag>&quot;{tag_of(self.objects[name])}&quot;</ETag></Contents>"
            )
        more = start + PAGE < len(names)
        token = escape(names[start + PAGE - 1]) if more else ""
        inner = (f"<Prefix>{escape(folder)}</Prefix>" for folder in folders)
        return (
            f"<ListBucketResult><IsTruncated>{str(more).lower()}</IsTruncated>"
            + (f"<NextContinuationToken>{token}</NextContinuationToken>" if more else "")
            + "".join(found)
            + "".join(f"<CommonPrefixes>{each}</CommonPrefixes>" for each in inner)
            + "</ListBucketResult>"
        ).encode()


def tag_of(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def error(code: str, more: str = "") -> bytes:
    return f"<Error><Code>{code}</Code><Message>No.</Message>{more}</Error>".encode()


@contextmanager
def cloud() -> Iterator[Cloud]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            key = unquote(parts.path).removeprefix("/lake").removeprefix("/")
            here.asked.append(f"{self.command} {self.path}")
            chosen = here.first(unquote(self.path))
            if chosen is not None:
                self._answer(*chosen)
            elif not key:
                wanted = {name: value[0] for name, value in parse_qs(parts.query).items()}
                after = wanted.get("continuation-token", "")
                self._answer(
                    200, here.page(wanted.get("prefix", ""), wanted.get("delimiter", ""), after)
                )
            elif key not in here.objects:
                self._answer(404, error("NoSuchKey"))
            else:
                self._object(here.objects[key])

        def do_HEAD(self) -> None:
            self.do_GET()

        def _object(self, content: bytes) -> None:
            wanted = self.headers.get("If-Match", "").strip('"')
            if wanted and wanted != tag_of(content):
                self._answer(412, error("PreconditionFailed"))
                return
            span = self.headers.get("Range")
            if span is None:
                self._answer(200, content, content)
                return
            start, end = (int(each) for each in span.removeprefix("bytes=").split("-"))
            self._answer(206, content[start : end + 1], content, start)

        def _answer(
            self, status: int, body: bytes, whole: bytes | None = None, start: int = 0
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if whole is not None:
                self.send_header("ETag", f'"{tag_of(whole)}"')
                self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
                end = start + len(body) - 1
                self.send_header("Content-Range", f"bytes {start}-{end}/{len(whole)}")
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        def log_message(self, *words: object) -> None:
            """Nothing is to be said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Cloud(server.server_port)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield here
    finally:
        here.over.set()
        server.shutdown()
        server.server_close()
