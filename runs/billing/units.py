"""Amounts as they are shown. Inside, all are whole thousandths of a unit, named `milli`."""

from __future__ import annotations


def units(milli: int) -> int | float:
    """Thousandths as units: a whole number where it is one."""
    return milli // 1000 if milli % 1000 == 0 else milli / 1000


def credits_text(milli: int) -> str:
    """`1 credit`, `2.5 credits`."""
    return f"{units(milli):g} credit{'' if milli == 1000 else 's'}"
