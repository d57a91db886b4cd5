"""The same service with Flask, for whoever has a WSGI server: ``flask --app example_project.service_flask run``."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, request
from pydantic import TypeAdapter, ValidationError

from example_project import answers
from example_project.answers import Flight

app = Flask("flights-late")
_FLIGHTS = TypeAdapter(list[Flight])


@app.post("/predict")
def predict() -> Response:
    """Return the probability of each posted flight to land more than 15 minutes late, in order."""
    return jsonify(answers.probabilities(_posted()))


@app.post("/features")
def built() -> Response:
    """Return the features of each posted flight, as the model gets them; what is missing is ``null``."""
    return jsonify(answers.built(_posted()))


@app.errorhandler(ValidationError)
def refused(error: ValidationError) -> tuple[Response, int]:
    """Answer what is no list of flights as the other service does: status 422, and what is wrong."""
    details: list[Any] = error.errors(include_url=False, include_context=False, include_input=False)
    return jsonify({"detail": details}), 422


def _posted() -> list[Flight]:
    return _FLIGHTS.validate_json(request.get_data())
