"""Follow a run: `URL=https://… KEY=rg_… python follow_run.py <run id>`."""

import asyncio
import json
import os
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

SOCKETS = os.environ["URL"].replace("http", "ws", 1)
# Close codes after which connecting again changes nothing.
FINAL = {4400, 4401, 4403, 4404, 4423}


async def follow(run_id: str) -> str:
    """Print each event once, across broken connections. Returns the run's last status."""
    last, wait_s = 0, 0.5
    while True:
        try:
            async with connect(
                f"{SOCKETS}/ws/runs/{run_id}?after={last}",
                additional_headers={"Authorization": f"Bearer {os.environ['KEY']}"},
                max_size=None,
            ) as socket:
                async for text in socket:
                    message = json.loads(text)
                    wait_s = 0.5
                    if message["event"] == "workflow_event" and message["id"] > last:
                        print(message["id"], message["data"]["message"], flush=True)
                        last = message["id"]
                    elif message["event"] == "workflow_status":
                        return str(message["data"]["status"])
        except (OSError, InvalidStatus):
            pass  # the server is away
        except ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in FINAL:
                raise
        await asyncio.sleep(wait_s)
        wait_s = min(2 * wait_s, 15)


if __name__ == "__main__":
    print(asyncio.run(follow(sys.argv[1])))
