"""How a verdict looks: at the terminal, as Markdown, as annotations on a pull request."""

KINDS = {"markdown": "report.md"}
"""Kinds of report, with the name of the file that each is written to."""
