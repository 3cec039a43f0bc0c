"""The words that briefs and requests are read by: one folder a language, one file a subject."""

from __future__ import annotations

from pathlib import Path

from core.language.tables import Tables

TABLES = Tables(Path(__file__).parent)
