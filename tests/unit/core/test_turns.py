"""Of what many share, one takes only so much at once."""

from __future__ import annotations

import asyncio

from core.turns import Turns


def test_one_waits_while_another_goes_in() -> None:
    async def scene() -> list[str]:
        turns, gone, log = Turns(2), asyncio.Event(), []

        async def enter(who: int, name: str) -> None:
            async with turns.of(who):
                log.append(name)
                if who == 1:
                    await gone.wait()

        first = [asyncio.create_task(enter(1, name)) for name in ("a", "b", "c")]
        await asyncio.sleep(0)
        await enter(2, "other")
        assert log == ["a", "b", "other"]
        gone.set()
        await asyncio.gather(*first)
        return log

    assert asyncio.run(scene()) == ["a", "b", "other", "c"]
