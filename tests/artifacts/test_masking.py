"""Secrets in addresses, command lines and settings are not written down."""

from __future__ import annotations

import pytest

from pytest_mlgate.artifacts.masking import is_secret_setting, mask_arguments, mask_text

HIDDEN = "hunter2hunter2hunter2"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("https://user:{}@host.example:8080/runs/1", "https://***@host.example:8080/runs/1"),
        ("https://{}@host.example/", "https://***@host.example/"),
        ("postgresql+psycopg://u:{}@[::1]:5432/db", "postgresql+psycopg://***@[::1]:5432/db"),
        ("https://host.example/r?run=3&token={}&x=1", "https://host.example/r?run=3&token=***&x=1"),
        ("https://host.example/r?X-Amz-Signature={}", "https://host.example/r?X-Amz-Signature=***"),
        ("https://host.example/r#access_token={}", "https://host.example/r#access_token=***"),
        ("from s3://b/k?sig={} and more", "from s3://b/k?sig=*** and more"),
        ("https://user:{}@host.example:port/", "***"),
        ("key ghp_{}", "key ***"),
    ],
)
def test_an_address_loses_what_may_be_secret_and_nothing_else(text: str, masked: str) -> None:
    assert mask_text(text.format(HIDDEN)) == masked


@pytest.mark.parametrize("text", ["train.py", "https://host.example/a?b=c#d", "C:\\data\\x.csv", "a:b", "", "[::1]:80"])
def test_a_text_without_secrets_stays_as_it_is(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("given", "masked"),
    [
        (["--password", HIDDEN, "x"], ["--password", "***", "x"]),
        (["--db-password", f"-{HIDDEN}"], ["--db-password", "***"]),
        (["--api-key=" + HIDDEN], ["--api-key=***"]),
        (["apiKey:" + HIDDEN], ["apiKey:***"]),
        (["AWS_SECRET_ACCESS_KEY=" + HIDDEN], ["AWS_SECRET_ACCESS_KEY=***"]),
        (["--token", "--verbose"], ["--token", "--verbose"]),
        (["--seed", "3", "--max-depth=4"], ["--seed", "3", "--max-depth=4"]),
        (["https://u:" + HIDDEN + "@h.example"], ["https://***@h.example"]),
        (["--url=https://u:" + HIDDEN + "@h.example"], ["--url=https://***@h.example"]),
        (["--token=https://h.example/" + HIDDEN], ["--token=***"]),
    ],
)
def test_a_command_line_keeps_its_shape(given: list[str], masked: list[str]) -> None:
    assert mask_arguments(given) == masked


def test_settings_are_told_by_their_last_word() -> None:
    assert all(map(is_secret_setting, ["password", "openai_api_key", "clientSecret", "auth_token", "AWS_SECRET_KEY"]))
    assert not any(map(is_secret_setting, ["token_pattern", "key", "sort_keys", "password_length", "n_jobs", ""]))
