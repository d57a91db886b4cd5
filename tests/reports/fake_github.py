"""As much of GitHub's REST API as comments on a pull request need, on the loopback interface."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"


@dataclass
class FakeGitHub:
    """The comments of pull request 7 of acme/flights."""

    url: str = ""
    comments: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    refuse: dict[str, list[int]] = field(default_factory=dict)  # by method: the statuses of the next answers

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        """Keep a comment."""
        number = len(self.comments) + 1
        made = {"id": number, "body": body, "user": {"login": login}, "html_url": f"https://github.test/c/{number}"}
        self.comments.append(made)
        return made

    def environ(self, **more: str) -> dict[str, str]:
        """Return what a step of a job is told."""
        return {"GITHUB_API_URL": self.url, "GITHUB_REPOSITORY": "acme/flights", "GITHUB_TOKEN": "t0ken", **more}


@contextmanager
def fake_github() -> Iterator[FakeGitHub]:
    """Serve one, until the end of the block."""
    github = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            method, place = self.command, urlsplit(self.path)
            github.asked.append(f"{method} {place.path}")
            github.tokens.add(self.headers.get("Authorization", ""))
            content = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or "{}")
            if github.refuse.get(method):
                self._send(github.refuse[method].pop(0), {"message": "Resource not accessible by integration"})
            elif method == "GET" and place.path == "/repos/acme/flights/issues/7/comments":
                query = parse_qs(place.query)
                size, page = int(query["per_page"][0]), int(query["page"][0])
                self._send(200, github.comments[(page - 1) * size : page * size])
            elif method == "POST" and place.path == "/repos/acme/flights/issues/7/comments":
                self._send(201, github.add(content["body"]))
            elif method == "PATCH" and place.path.startswith("/repos/acme/flights/issues/comments/"):
                found = github.comments[int(place.path.rpartition("/")[2]) - 1]
                found["body"] = content["body"]
                self._send(200, found)
            else:
                self._send(404, {"message": "Not Found"})

        do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names that the server calls

        def _send(self, status: int, content: Any) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("Location", f"{github.url}/elsewhere")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    github.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield github
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
