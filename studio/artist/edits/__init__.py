"""Carrying out the steps of an instruction on a picture, kind by kind, on an `Editor`."""
