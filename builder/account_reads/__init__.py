"""Reads of unmodified clients beside runs and templates: models, announcements, subscription."""
