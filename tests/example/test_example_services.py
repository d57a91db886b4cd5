"""The example's services, FastAPI and Flask, in this process and over a real server: they compute what training did."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pytest
import uvicorn
from werkzeug.serving import WSGIRequestHandler, make_server

from example_project import answers, features, service, service_flask
from example_project.flights import REQUEST, WEATHER
from pytest_mlgate.checks import Check, Outcome
from pytest_mlgate.gates.parity import check_parity

ROWS = 12
APPS = {"fastapi": service.app, "flask": service_flask.app}


@pytest.fixture(scope="module")
def requests() -> pd.DataFrame:
    """Raw rows as they are posted; the weather of one was not measured, and to some no landing is known."""
    rng = np.random.default_rng(5)
    frame = pd.DataFrame(
        {
            "scheduled": pd.date_range("2013-07-01 06:10", periods=ROWS, freq="5h"),
            "carrier": rng.choice(["UA", "DL"], ROWS),
            "origin": rng.choice(["JFK", "LGA"], ROWS),
            "dest": rng.choice(["ORD", "LAX"], ROWS),
            "distance": rng.integers(100, 3000, ROWS),
            "sched_arr_time": rng.integers(0, 24, ROWS) * 100 + 15,
            "recent": ["01101"[: count % 6] for count in range(ROWS)],
            **{name: rng.uniform(1, 9, ROWS).round(1) for name in WEATHER},
        }
    )
    frame["pressure"] += 1000
    frame.loc[3, "temp"] = np.nan
    return frame[list(REQUEST)]


class Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None: ...  # noqa: A002 - as werkzeug calls it


@contextmanager
def served_by_uvicorn(app: Any) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, ws="none"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        end = time.monotonic() + 60
        while not server.started and time.monotonic() < end:
            time.sleep(0.01)
        assert server.started
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@contextmanager
def served_by_werkzeug(app: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


SERVERS: dict[str, Callable[[Any], Any]] = {"fastapi": served_by_uvicorn, "flask": served_by_werkzeug}


@pytest.fixture(scope="module", params=APPS)
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of one service and then of the other, each on a server of its own kind."""
    with SERVERS[request.param](APPS[request.param]) as url:
        yield url


def parity(serve: Any, rows: pd.DataFrame, examples: int) -> Check:
    schema = "example_project.contract:Flights"
    settings = {"path": "/features", "schema": schema, "examples": examples}
    (check,) = check_parity(features.build, serve, rows, **settings).checks
    return check


@pytest.mark.parametrize("name", APPS)
def test_a_service_in_this_process_computes_what_training_does(name: str, requests: pd.DataFrame) -> None:
    check = parity(APPS[name], requests, 5)

    assert check.outcome is Outcome.PASS
    assert check.message.startswith(f"{len(features.FEATURES)} columns agree on {ROWS} rows of serving")


def is_a_landing_behind(check: Check) -> bool:
    """Whether a check blocks for the history alone, and its smallest row is one that shows it."""
    (row,) = check.details["rows"]
    assert (check.subject, check.code, check.outcome) == ("late_history", "MLG302", Outcome.FAIL)
    assert "smallest row: {" in check.message
    recent = pd.Series([row["recent"]])
    return bool(check.blocks and not features.late_history(recent).equals(features.late_history(recent.str[:-1])))


@pytest.mark.parametrize("name", APPS)
def test_a_service_in_this_process_that_is_a_landing_behind_blocks_with_the_smallest_row(
    name: str, requests: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LANDINGS_BEHIND", 1)

    assert is_a_landing_behind(parity(APPS[name], requests, 30))


def test_a_running_service_computes_what_training_does(address: str, requests: pd.DataFrame) -> None:
    check = parity(address, requests, 5)

    assert check.outcome is Outcome.PASS
    assert check.message.startswith(f"{len(features.FEATURES)} columns agree on {ROWS} rows of serving")


def test_a_running_service_that_is_a_landing_behind_blocks_with_the_smallest_row(
    address: str, requests: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "LANDINGS_BEHIND", 1)

    assert is_a_landing_behind(parity(address, requests, 30))


def post(address: str, path: str, body: Any) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(address + path, content=content, headers={"content-type": "application/json"}, timeout=60)


def as_json(requests: pd.DataFrame) -> list[dict[str, Any]]:
    rows = requests.assign(scheduled=requests["scheduled"].dt.strftime("%Y-%m-%dT%H:%M:%S")).astype(object)
    return list(rows.where(rows.notna(), None).to_dict(orient="records"))  # type: ignore[arg-type]


class Model:
    """Whose probability is told by the history alone."""

    def predict_proba(self, rows: pd.DataFrame) -> Any:
        late = rows["late_history"].fillna(0.25).to_numpy()
        return np.column_stack([1 - late, late])


def test_the_answers_are_the_model_s_probabilities_however_many_are_asked(
    address: str, requests: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "_model", Model)
    expected = features.build(requests)["late_history"].fillna(0.25).tolist()
    rows = as_json(requests)

    assert post(address, "/predict", rows).json() == expected
    assert [post(address, "/predict", [row]).json()[0] for row in rows[:5]] == expected[:5]
    assert post(address, "/predict", []).json() == []


@pytest.mark.parametrize("wrong", [{"scheduled": "2013-07-04T12:00:00Z"}, {"recent": "2"}, {"distance": None}])
def test_what_is_no_request_is_refused_with_the_key(
    address: str, requests: pd.DataFrame, wrong: dict[str, Any]
) -> None:
    answer = post(address, "/predict", [as_json(requests)[0] | wrong])

    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"][-1] == next(iter(wrong))


@pytest.mark.parametrize("body", [b"", b"[{", b"{}", b"null"])
def test_what_is_no_list_of_flights_is_refused(address: str, body: bytes) -> None:
    assert post(address, "/predict", body).status_code == 422
