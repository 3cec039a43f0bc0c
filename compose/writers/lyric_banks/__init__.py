"""Rhymed lines by language, theme and section. Pure data."""
