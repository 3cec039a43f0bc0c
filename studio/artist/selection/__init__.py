"""Selecting what words name in a picture."""
