"""Edit a template beside others: `URL=… KEY=… python edit_template.py <template id> <new name>`."""

import asyncio
import json
import os
import sys
import uuid

import httpx
from websockets.asyncio.client import connect

URL, KEY = os.environ["URL"], os.environ["KEY"]


async def rename(template_id: str, name: str) -> None:
    """Save a new name. Everyone who has the template open gets it as a change."""
    address = f"{URL}/v1/creative-agent/workflows/templates/{template_id}"
    async with httpx.AsyncClient(headers={"api-key": KEY}, timeout=30) as client:
        (await client.patch(address, json={"name": name})).raise_for_status()


async def edit(template_id: str, name: str) -> None:
    """Show up among the people, rename the template, and print changes up to that one."""
    client = str(uuid.uuid4())
    address = f"{URL.replace('http', 'ws', 1)}/ws/documents/{template_id}?client={client}"
    async with connect(address, additional_headers={"api-key": KEY}, max_size=None) as socket:
        await socket.send(json.dumps({"presence": {"selection": [], "cursor": {"x": 0, "y": 0}}}))
        renaming = None
        async for text in socket:
            message = json.loads(text)
            if message["event"] == "people":
                print("open:", ", ".join(one["name"] for one in message["people"]))
                if not renaming:
                    renaming = asyncio.create_task(rename(template_id, name))
            elif message["event"] == "behind":
                print("missed too much: read the template again")
            elif message["event"] == "change":
                change = message["change"]
                print(change["rev"], change["actor"]["name"], change["label"])
                if change["label"] == "API update":
                    return


if __name__ == "__main__":
    asyncio.run(edit(*sys.argv[1:]))
