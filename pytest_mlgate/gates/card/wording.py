"""Messages in the language of the card."""

from __future__ import annotations


def say(language: str, en: str, es: str) -> str:
    """Return the sentence in Spanish for a Spanish card, else in English."""
    return es if language == "es" else en
