"""Asking a service: an ASGI or WSGI app in this process, without a server, or a URL."""

from __future__ import annotations

import inspect
import io
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from pytest_mlgate.gates.parity.answers import SideError
from pytest_mlgate.gates.parity.worker import too_slow

if TYPE_CHECKING:
    import asyncio

HOST = "localhost"
"""What an app in this process is told as its host: the one that lists of allowed hosts have."""

_HEADERS = {"content-type": "application/json", "accept": "application/json", "user-agent": "pytest-mlgate"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """What a service answered."""

    status: int
    body: bytes


Send = Callable[[bytes], Response]


def kind_of_app(app: Any) -> str | None:
    """Return ``asgi`` or ``wsgi`` for what looks like an app, else None.

    An ASGI app takes scope, receive and send and is asynchronous; a WSGI app takes environ and start_response.
    """
    if not callable(app) or isinstance(app, type):
        return None
    call = app if inspect.isroutine(app) else type(app).__call__
    if inspect.iscoroutinefunction(call):
        return "asgi" if _takes(app, 3) else None
    return "asgi" if _takes(app, 3) else "wsgi" if _takes(app, 2) else None


def _takes(app: Any, number: int) -> bool:
    try:
        signature = inspect.signature(app)
        signature.bind(*[None] * number)
    except (TypeError, ValueError):
        return False
    needed = [p for p in signature.parameters.values() if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    return len(needed) == number


@contextmanager
def asgi_client(app: Any, *, path: str, method: str, timeout: float, side: str) -> Iterator[Send]:
    """Yield a function that sends one body to an ASGI app and returns its response; the app's lifespan runs around.

    It speaks ASGI 3.0 with its HTTP and lifespan messages (https://asgi.readthedocs.io/en/latest/specs/). Must be
    entered, used and left in one thread.
    """
    import asyncio

    with asyncio.Runner() as runner:
        state: dict[str, Any] = {}
        living = _lifespan(app, state)
        try:
            runner.run(asyncio.wait_for(living.__aenter__(), timeout))
        except TimeoutError:
            raise too_slow(side, timeout) from None

        def send(body: bytes) -> Response:
            try:
                return runner.run(asyncio.wait_for(_ask_asgi(app, _scope(path, method, state), body), timeout))
            except TimeoutError:
                raise too_slow(side, timeout) from None

        try:
            yield send
        finally:
            runner.run(asyncio.wait_for(living.__aexit__(None, None, None), timeout))


def _scope(path: str, method: str, state: dict[str, Any]) -> dict[str, Any]:
    parts = urlsplit(path)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(b"host", HOST.encode()), *((k.encode(), v.encode()) for k, v in _HEADERS.items())],
        "client": (HOST, 1),
        "server": (HOST, 80),
        "state": dict(state),
    }


async def _ask_asgi(app: Any, scope: dict[str, Any], body: bytes) -> Response:
    scope["headers"].append((b"content-length", str(len(body)).encode()))
    asked, status, parts = False, 0, []

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if asked:
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
        elif message["type"] == "http.response.body":
            parts.append(message.get("body", b""))

    await app(scope, receive, send)
    if not status:
        raise RuntimeError("the app returned without a response")
    return Response(status=status, body=b"".join(parts))


@asynccontextmanager
async def _lifespan(app: Any, state: dict[str, Any]) -> AsyncIterator[None]:
    """Start an app and, in the end, stop it; one that knows no lifespan is left alone, as the specification says."""
    import asyncio

    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()

    async def run() -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": state}
        try:
            await app(scope, inbox.get, told.put)
        except Exception:  # also of an app that raises because it knows no lifespan
            await told.put({"type": "lifespan.unsupported"})
        else:
            await told.put({"type": "lifespan.ended"})

    task = asyncio.ensure_future(run())
    await inbox.put({"type": "lifespan.startup"})
    answer = await told.get()
    if answer["type"] == "lifespan.startup.failed":
        await task
        text = answer.get("message", "").strip().splitlines()
        raise SideError(
            "raised", "the app's startup failed", quoted=text[-1] if text else "", fix="start it by hand and look"
        )
    yield
    if answer["type"] == "lifespan.startup.complete":
        await inbox.put({"type": "lifespan.shutdown"})
    await task


@contextmanager
def wsgi_client(app: Any, *, path: str, method: str, timeout: float, side: str) -> Iterator[Send]:
    """Yield a function that sends one body to a WSGI app (PEP 3333) and returns its response."""
    parts = urlsplit(path)

    def send(body: bytes) -> Response:
        status: list[str] = []

        def start_response(line: str, headers: Any, exc_info: Any = None) -> Callable[[bytes], Any]:
            status[:] = [line]
            return written.append

        environ = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(parts.path),
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": _HEADERS["content-type"],
            "CONTENT_LENGTH": str(len(body)),
            "HTTP_ACCEPT": _HEADERS["accept"],
            "HTTP_HOST": HOST,
            "HTTP_USER_AGENT": _HEADERS["user-agent"],
            "SERVER_NAME": HOST,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": HOST,
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        written: list[bytes] = []
        chunks = app(environ, start_response)
        try:
            written.extend(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        if not status:
            raise RuntimeError("the app returned without a response")
        return Response(status=int(status[0].split(" ", 1)[0]), body=b"".join(written))

    yield send


@contextmanager
def http_client(url: str, *, path: str | None, method: str, timeout: float, side: str) -> Iterator[Send]:
    """Yield a function that sends one body to a URL and returns its response.

    Parameters
    ----------
    url : str
        ``http://`` or ``https://``.
    path : str or None
        What is added to it.
    """
    import urllib.error
    import urllib.request

    whole = url if path is None else f"{url.rstrip('/')}/{path.lstrip('/')}"

    def send(body: bytes) -> Response:
        request = urllib.request.Request(whole, data=body, headers=_HEADERS, method=method)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as response:
                return Response(status=response.status, body=response.read())
        except urllib.error.HTTPError as error:
            with error:
                return Response(status=error.code, body=error.read())
        except TimeoutError:
            raise too_slow(side, timeout) from None
        except OSError as error:  # URLError among them
            if isinstance(getattr(error, "reason", None), TimeoutError):
                raise too_slow(side, timeout) from None
            reason = str(getattr(error, "reason", error))
            raise SideError(
                "raised", f"{side} cannot be reached at {_bare(whole)}: {reason}", fix="start the service first"
            ) from None

    yield send


def _bare(url: str) -> str:
    """Return a URL without what may be secret in it: user, password, query."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"
