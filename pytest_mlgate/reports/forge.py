"""Comments of a pull request through GitHub's REST API.

Reference: https://docs.github.com/en/rest/issues/comments
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from pytest_mlgate.checks import InputError
from pytest_mlgate.reports.text import one_line, shortened

_PAGE = 100
_PAGES = 100
_TRIES = 3
_SECONDS = 30
_WAIT = 1.0


class Refused(InputError):
    """The token may not do this."""


class _NoRedirect(HTTPRedirectHandler):
    """A token is for the host that it was given for."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


@dataclass(frozen=True, kw_only=True, slots=True)
class Forge:
    """A repository on GitHub, and a token for it."""

    url: str
    repository: str
    token: str

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Forge:
        """Return the repository of this job.

        Raises
        ------
        InputError
            Where the environment does not say which, or has no token.
        """
        url = (environ.get("GITHUB_API_URL") or "https://api.github.com").rstrip("/")
        repository, token = environ.get("GITHUB_REPOSITORY", ""), environ.get("GITHUB_TOKEN", "")
        if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
            raise InputError(
                f"GITHUB_REPOSITORY: {repository!r} is no repository", fix="set it: GITHUB_REPOSITORY=owner/name"
            )
        if not token:
            raise InputError(
                "GITHUB_TOKEN is not set", fix="hand it to the step: `env: GITHUB_TOKEN: ${{ github.token }}`"
            )
        if urlsplit(url).scheme not in ("http", "https"):
            raise InputError(f"GITHUB_API_URL: {url!r} is no address of a service", fix="leave it as GitHub sets it")
        return cls(url=url, repository=repository, token=token)

    def comments(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield the comments of a pull request, the oldest first."""
        for page in range(1, _PAGES + 1):
            found = self._ask("GET", f"issues/{number}/comments?per_page={_PAGE}&page={page}")
            yield from (comment for comment in found if isinstance(comment, dict))
            if len(found) < _PAGE:
                return

    def change(self, comment: int, text: str) -> str:
        """Give a comment another text; return its address."""
        return self._address(self._ask("PATCH", f"issues/comments/{comment}", {"body": text}))

    def write(self, number: int, text: str) -> str:
        """Write a new comment; return its address."""
        return self._address(self._ask("POST", f"issues/{number}/comments", {"body": text}))

    def _address(self, answer: Any) -> str:
        return one_line(str(answer.get("html_url", ""))) if isinstance(answer, dict) else ""

    def _ask(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Return the answer; a service that is out of order is asked again, unless two comments could come of it."""
        for left in reversed(range(_TRIES if method != "POST" else 1)):
            try:
                return self._once(method, path, content)
            except HTTPError as error:
                if error.code < 500 or not left:
                    raise self._refusal(method, error) from None
            except (URLError, HTTPException, OSError, ValueError) as error:
                if not left:
                    reason = one_line(str(getattr(error, "reason", error)))
                    raise InputError(f"{self.url} did not answer: {reason}", fix="run the job again") from None
            time.sleep(_WAIT)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, content: Mapping[str, Any] | None) -> Any:
        request = Request(
            f"{self.url}/repos/{self.repository}/{path}",
            method=method,
            data=None if content is None else json.dumps(content).encode("ascii"),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "User-Agent": "pytest-mlgate",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        with build_opener(_NoRedirect).open(request, timeout=_SECONDS) as answer:
            return json.loads(answer.read().decode("utf-8"))

    def _refusal(self, method: str, error: HTTPError) -> InputError:
        try:
            said = str(json.loads(error.read().decode("utf-8")).get("message", ""))
        except (ValueError, AttributeError, OSError):
            said = str(error.reason)
        message = f"{method} {self.repository}: {error.code} {one_line(shortened(said, 300))}"
        if error.code == 403:
            return Refused(message, fix="give the job `permissions: pull-requests: write`")
        return InputError(message, fix="see what GitHub says of it; the token may be of another repository, or over")
