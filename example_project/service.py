"""The service: posted flights in, the probability that each will be late out.

``uvicorn example_project.service:app`` serves it. Rows are posted as a JSON list; what is missing may be ``null``.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI

from example_project import answers
from example_project.answers import Flight

app = FastAPI(title="flights-late", summary="Will a flight out of New York land more than 15 minutes late?")


@app.post("/predict")
def predict(flights: list[Flight]) -> list[float]:
    """Return the probability of each posted flight to land more than 15 minutes late, in order."""
    return answers.probabilities(flights)


@app.post("/features")
def built(flights: list[Flight]) -> list[dict[str, Any]]:
    """Return the features of each posted flight, as the model gets them; what is missing is ``null``."""
    return answers.built(flights)
