"""Gate parity over services: ASGI and WSGI apps in this process, a real server, and what they may do wrong."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from fastapi import FastAPI
from flask import Flask
from pydantic import BaseModel

from pytest_mlgate.checks import Check, GateResult, Outcome
from pytest_mlgate.gates.base import Facts, Inputs, run_gate
from pytest_mlgate.gates.parity import GATE, Settings, check_parity
from pytest_mlgate.gates.parity.services import kind_of_app

ROWS = 25


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "distance": rng.integers(100, 3000, ROWS),
            "temp": rng.normal(60, 15, ROWS).round(1),
            "scheduled": pd.date_range("2013-07-01", periods=ROWS, freq="5h"),
        }
    )
    frame.loc[7, "temp"] = np.nan
    return frame


def build(frame: pd.DataFrame) -> pd.DataFrame:
    temp = pd.to_numeric(frame["temp"])
    hour = pd.to_datetime(frame["scheduled"]).dt.hour
    return pd.DataFrame({"km": frame["distance"] * 1.6, "celsius": (temp - 32) / 1.8, "hour": hour})


def objects(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return json.loads(frame.to_json(orient="records", double_precision=15))


def answered(body: bytes) -> bytes:
    return json.dumps(objects(build(pd.DataFrame(json.loads(body))))).encode()


def parity(serve: Any, **settings: Any) -> GateResult:
    settings = {"examples": 0, "path": "/features", **settings}
    return check_parity(build, serve, rows(), **settings)


def only(result: GateResult) -> Check:
    (check,) = result.checks
    return check


# A FastAPI app


class Strict(BaseModel):
    distance: int
    temp: float


def fastapi(*, zero: bool = False) -> FastAPI:
    made: list[str] = []

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        made.append("started")
        yield
        made.append("stopped")

    app = FastAPI(lifespan=lifespan)
    app.state.made = made

    @app.post("/features")
    def features(flights: list[dict[str, Any]]) -> list[dict[str, Any]]:
        assert made == ["started"]
        frame = pd.DataFrame(flights)
        return objects(build(frame.assign(temp=pd.to_numeric(frame["temp"]).fillna(0) if zero else frame["temp"])))

    return app


def test_a_fastapi_app_is_started_asked_and_stopped_in_this_process() -> None:
    app = fastapi()

    check = only(parity(app))

    assert check.outcome is Outcome.PASS
    assert check.message.startswith(f"3 columns agree on {ROWS} rows of serving")
    assert app.state.made == ["started", "stopped"]


def test_a_fastapi_app_that_fills_what_is_missing_is_found() -> None:
    check = only(parity(fastapi(zero=True)))

    assert (check.subject, check.code) == ("celsius", "MLG302")
    assert "row 7: train missing, serve -17.7778" in check.message


def test_a_path_that_is_not_there_is_an_error_with_its_status() -> None:
    check = only(parity(fastapi(), path="/feature"))

    assert (check.subject, check.code, check.outcome) == ("serve.refused", "MLG312", Outcome.ERROR)
    assert 'serve answered with status 404: {"detail":"Not Found"}' in check.message
    assert check.fix == "correct `path`"


def test_a_startup_that_fails_is_an_error() -> None:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("no model file")
        yield

    check = only(parity(FastAPI(lifespan=lifespan)))

    assert (check.subject, check.code, check.outcome) == ("serve.raised", "MLG310", Outcome.ERROR)
    assert "the app's startup failed: RuntimeError: no model file" in check.message


def test_a_validation_error_names_the_row_that_the_service_refuses() -> None:
    app = FastAPI()

    @app.post("/features")
    def features(flights: list[Strict]) -> list[dict[str, Any]]:
        return []

    check = next(check for check in parity(app).checks if check.subject == "serve.refused")

    assert "serve answered with status 422" in check.message
    assert "row 7 of serving" in check.message


def test_an_app_named_by_import_path_is_also_asked_in_a_second_process(tmp_path: Path) -> None:
    (tmp_path / "app_by_path.py").write_text(
        "import time\nfrom fastapi import FastAPI\napp = FastAPI()\n"
        "@app.post('/features')\ndef features(rows: list[dict]) -> list[dict]:\n"
        "    return [{'zone': time.tzname[0]} for row in rows]\n"
        "def build(rows):\n    return rows[[]].assign(zone=time.tzname[0])\n"
    )
    settings = Settings(train="app_by_path:build", serve="app_by_path:app", path="/features", examples=0)

    result = run_gate(
        GATE, settings, Inputs(facts=Facts(import_roots=(str(tmp_path),)), values={"serving": rows()[["distance"]]})
    )

    check = only(result)
    assert (check.subject, check.code) == ("zone", "MLG308")


# Plain ASGI


async def respond(receive: Any, send: Any, *, status: int = 200, change: Any = lambda content: content) -> None:
    body = (await receive())["body"]
    await send({"type": "http.response.start", "status": status, "headers": []})
    content = change(answered(body) if status == 200 else b"out of order: " + body)
    for half in (content[: len(content) // 2], content[len(content) // 2 :]):
        await send({"type": "http.response.body", "body": half, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def test_an_asgi_function_that_knows_no_lifespan_is_asked_all_the_same() -> None:
    seen: list[dict[str, Any]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        seen.append(scope)
        await respond(receive, send)

    assert parity(app, path="/features%20v1?full=1", method="PUT").outcome is Outcome.PASS
    assert (seen[0]["path"], seen[0]["query_string"], seen[0]["method"]) == ("/features v1", b"full=1", "PUT")
    assert (b"content-type", b"application/json") in seen[0]["headers"]


def test_the_state_of_the_lifespan_reaches_requests() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            scope["state"]["model"] = "loaded"
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        assert scope["state"]["model"] == "loaded"
        await respond(receive, send)

    assert parity(app).outcome is Outcome.PASS


def test_an_app_that_raises_names_the_error_and_the_row() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.loads((await receive())["body"])
        if any(row["temp"] is None for row in body):
            raise KeyError("temp")
        raise RuntimeError("cannot happen")

    found = {check.subject: check for check in parity(app).checks}

    assert "serve raised KeyError (test_parity_services.py:" in found["serve.raised"].message
    assert "(row 7 of serving" in found["serve.raised"].message


@pytest.mark.parametrize("blocking", [False, True], ids=["asynchronous", "blocking"])
def test_an_app_that_hangs_is_an_error_after_the_timeout(blocking: bool) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        if blocking:
            time.sleep(3)
        await asyncio.sleep(60)

    started = time.monotonic()
    check = only(parity(app, timeout=0.2))

    assert (check.subject, check.code, check.outcome) == ("serve.timeout", "MLG311", Outcome.ERROR)
    assert time.monotonic() - started < 4


def test_an_app_that_never_starts_is_an_error_after_the_timeout() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.sleep(60)

    assert only(parity(app, timeout=0.2)).code == "MLG311"


@pytest.mark.parametrize(
    ("change", "subject", "said"),
    [
        (lambda content: b"<html>", "serve.content", "something else than JSON: <html>"),
        (lambda content: b"[]", "serve.rows", f"serve returned 0 rows for {ROWS}"),
        (lambda content: json.dumps(json.loads(content)[1:]).encode(), "serve.rows", "24 rows for 25"),
        (lambda content: content.replace(b"celsius", b"centigrade"), "celsius", "serve does not return it"),
        (lambda content: b'{"features": ' + content + b', "model": "v1"}', "serve.content", "no table of columns"),
        (lambda content: b'"ok"', "serve.content", "is no table"),
    ],
)
def test_bodies_that_are_no_answer_are_named(change: Any, subject: str, said: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(receive, send, change=change)

    check = next(check for check in parity(app).checks if check.subject == subject)

    assert check.outcome in (Outcome.ERROR, Outcome.FAIL)
    assert said in check.message


def test_what_a_service_says_is_not_quoted_where_a_column_is_sensitive() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(receive, send, status=500)

    assert "out of order" in only(parity(app)).message
    assert "out of order" not in json.dumps([c.to_json() for c in parity(app, sensitive=["temp"]).checks])


def test_rows_that_come_back_in_another_order_are_told_as_that() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(
            receive,
            send,
            change=lambda content: json.dumps(sorted(json.loads(content), key=lambda row: row["km"])).encode(),
        )

    check = only(parity(app))

    assert (check.subject, check.code, check.outcome) == ("serve.order", "MLG313", Outcome.FAIL)
    assert "serve returns the rows in another order than they came" in check.message
    assert f"of {ROWS} stand elsewhere, row 0 of serving first (asked all at once)" in check.message


def test_a_difference_beside_another_order_is_not_hidden_by_it() -> None:
    def serve(frame: pd.DataFrame) -> pd.DataFrame:
        alone = len(frame) == 1
        return (
            build(frame).assign(km=frame["distance"] * (2 if alone else 1.6)).sort_values("km").reset_index(drop=True)
        )

    assert {check.subject for check in check_parity(build, serve, rows(), examples=0).checks} == {"serve.order", "km"}


def test_a_flag_that_is_turned_round_is_no_other_order() -> None:
    frame = rows().assign(late=np.arange(ROWS) % 2).head(24)

    check = only(check_parity(lambda r: r[["late"]], lambda r: 1 - r[["late"]], frame, examples=0))

    assert check.subject == "late"


def test_bodies_of_another_form_are_mapped() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = json.loads((await receive())["body"])
        frame = pd.DataFrame(body["instances"], columns=body["names"])
        content = json.dumps({"predictions": build(frame)["km"].tolist(), "model": "v1"}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": content})

    result = check_parity(
        lambda frame: build(frame)["km"],
        app,
        rows(),
        path="/predict",
        request=lambda frame: {
            "names": list(frame.columns),
            "instances": json.loads(frame.to_json(orient="values", date_format="iso")),
        },
        response=lambda content: content["predictions"],
        examples=0,
    )

    assert only(result).message.startswith("km agrees")


def test_an_infinite_number_cannot_be_sent_and_says_so() -> None:
    frame = rows().assign(temp=np.inf)

    check = only(check_parity(build, fastapi(), frame, path="/features", examples=0))

    assert check.outcome is Outcome.ERROR
    assert "column 'temp' holds an infinite number, which JSON cannot carry" in check.message


def test_an_asgi_app_without_a_path_says_what_is_missing() -> None:
    check = only(parity(fastapi(), path=None))

    assert check.message == "parity: `serve` is an ASGI app, and no `path` says what to ask it"
    assert 'path = "/features"' in check.fix


# WSGI


def wsgi(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if environ["PATH_INFO"] != "/features" or environ["REQUEST_METHOD"] != "POST":
        start_response("405 Method Not Allowed", [])
        return
    start_response("200 OK", [("content-type", "application/json")])
    yield answered(body)


def test_a_wsgi_app_is_asked_in_this_process() -> None:
    assert parity(wsgi).outcome is Outcome.PASS
    assert "status 405" in only(parity(wsgi, method="GET")).message


def test_apps_are_told_apart_from_functions() -> None:
    class Asgi:
        async def __call__(self, scope: Any, receive: Any, send: Any) -> None: ...

    class Wsgi:
        def __call__(self, environ: Any, start_response: Any) -> Any: ...

    async def feature(rows: Any) -> None: ...

    assert [kind_of_app(app) for app in (Asgi(), FastAPI())] == ["asgi", "asgi"]
    assert [kind_of_app(app) for app in (Wsgi(), wsgi, Flask("an_app"))] == ["wsgi", "wsgi", "wsgi"]
    assert [kind_of_app(app) for app in (build, feature, Asgi, len, 3)] == [None] * 5


# A real server on the loopback


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        if self.path == "/slow":
            time.sleep(1.5)
        status, content = (200, answered(body)) if self.path == "/v1/features" else (503, b"overloaded")
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args: Any) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_running_service_is_asked_at_its_url(url: str) -> None:
    assert parity(f"{url}/v1", path="/features").outcome is Outcome.PASS
    assert parity(f"{url}/v1/features", path=None).outcome is Outcome.PASS


def test_a_running_service_that_refuses_or_hangs_is_an_error(url: str) -> None:
    assert "status 503: overloaded" in only(parity(url, path="/other")).message
    assert only(parity(url, path="/slow", timeout=0.2)).code == "MLG311"


def test_a_service_that_does_not_run_is_an_error_without_its_password(url: str) -> None:
    check = only(parity("http://user:secret@127.0.0.1:1", path="/features"))

    assert check.code == "MLG310"
    assert "serve cannot be reached at http://127.0.0.1:1/features" in check.message
    assert "secret" not in json.dumps(check.to_json())


# Predictions


def test_the_candidates_predictions_are_compared_with_the_services() -> None:
    from sklearn.linear_model import LogisticRegression

    frame = rows().assign(temp=lambda f: f["temp"].fillna(60), late=np.arange(ROWS) % 2)
    model = LogisticRegression().fit(frame[["distance", "temp"]], frame["late"])

    def app(flip: bool) -> FastAPI:
        service = FastAPI()

        @service.post("/predict")
        def predict(flights: list[dict[str, Any]]) -> list[float]:
            found = model.predict_proba(pd.DataFrame(flights)[["distance", "temp"]])
            return found[:, 0 if flip else 1].tolist()

        return service

    def run(flip: bool) -> Check:
        settings = Settings(train="candidate", serve=app(flip), path="/predict", examples=0)
        facts = Facts(target="late", positive=1, features=("distance", "temp"))
        return only(run_gate(GATE, settings, Inputs(facts=facts, values={"candidate": model, "holdout": frame})))

    assert run(flip=False).outcome is Outcome.PASS
    assert (run(flip=True).subject, run(flip=True).code) == ("answer", "MLG302")
