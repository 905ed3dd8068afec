"""A local endpoint that speaks the OpenAI protocol, and says what a test tells it to."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[Mapping[str, Any]], "Answer"]


@dataclass(frozen=True)
class Answer:
    """One HTTP answer; ``content`` becomes a chat completion."""

    content: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    after: float = 0.0


@dataclass
class StandIn:
    """What it answers with, one after another (the last one for ever), and what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)

    def says(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def document(self, at: int = -1) -> dict[str, Any]:
        """The JSON document of one question."""
        document: dict[str, Any] = json.loads(self.bodies[at]["messages"][1]["content"])
        return document

    def answer(self, body: dict[str, Any], key: str | None) -> Answer:
        self.bodies.append(body)
        self.keys.append(key)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return reply(body)


def labels(**by_column: tuple[str | None, float]) -> Reply:
    """Answers with a label and a confidence by column name; null for all others."""

    def reply(body: Mapping[str, Any]) -> Answer:
        asked = json.loads(body["messages"][1]["content"])["columns"]
        told = [
            {"n": each["n"], "label": label, "confidence": sure}
            for each in asked
            for label, sure in [by_column.get(each["name"], (None, 0.0))]
        ]
        return Answer(json.dumps({"columns": told}))

    return reply


def always(answer: Answer) -> Reply:
    return lambda _: answer


@contextmanager
def stand_in() -> Iterator[StandIn]:
    """A server on a free port of this machine."""
    told = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if self.path != "/v1/chat/completions":
                self.send_error(404)
                return
            answer = told.answer(body, self.headers.get("authorization"))
            time.sleep(answer.after)
            raw = answer.raw if answer.raw is not None else _completion(body, answer.content)
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _completion(body: Mapping[str, Any], content: str | None) -> bytes:
    sent = sum(len(message["content"]) for message in body["messages"])
    return json.dumps(
        {
            "id": "c1",
            "object": "chat.completion",
            "model": body["model"],
            "choices": [
                {
                    "index": 0,
                    "finish_reason": "stop",
                    "message": {"role": "assistant", "content": content},
                }
            ],
            "usage": {"prompt_tokens": sent // 4, "completion_tokens": len(content or "") // 4},
        }
    ).encode()
