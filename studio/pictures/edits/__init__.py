"""Carrying out steps, kind by kind, on an `Editor`."""
