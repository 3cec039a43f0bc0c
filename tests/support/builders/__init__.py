"""Builders of what tests need: rows, templates, runs, files, texts."""
