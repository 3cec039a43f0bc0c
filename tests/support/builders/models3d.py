"""Small GLB files: honest ones, and ones that want something of the one who opens them."""

from __future__ import annotations

import io
import json
import struct

import numpy as np
import trimesh
from PIL import Image


def glb(colour: tuple[int, int, int] = (200, 30, 30)) -> bytes:
    """A box with one plain color."""
    mesh = trimesh.creation.box((2, 1, 0.6))
    material = trimesh.visual.material.PBRMaterial(
        baseColorFactor=(*colour, 255), metallicFactor=0.0, roughnessFactor=0.8
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    return bytes(mesh.export(file_type="glb"))


def textured_glb() -> bytes:
    """A box whose texture, a picture inside the file, is green."""
    mesh = trimesh.creation.box((2, 1, 0.6))
    material = trimesh.visual.material.PBRMaterial(
        baseColorTexture=Image.new("RGB", (16, 16), (20, 190, 60)), metallicFactor=0.0
    )
    mesh.visual = trimesh.visual.TextureVisuals(uv=np.full((8, 2), 0.5), material=material)
    return bytes(mesh.export(file_type="glb"))


def with_buffer_at(address: str) -> bytes:
    """A box whose points lie at an address."""
    head, body = _parts(glb())
    head["buffers"] = [{"uri": address, "byteLength": len(body)}]
    return _packed(head, b"")


def with_texture_at(address: str) -> bytes:
    """A box whose texture lies at an address."""
    head, body = _parts(textured_glb())
    head["images"] = [{"uri": address}]
    return _packed(head, body)


def with_note(words: str) -> bytes:
    """A box whose file says something of how it was made."""
    head, body = _parts(glb())
    return _packed({**head, "extras": {"prompt": words}}, body)


def _parts(data: bytes) -> tuple[dict, bytes]:
    file = io.BytesIO(data[12:])
    found = []
    while head := file.read(8):
        length, _kind = struct.unpack("<II", head)
        found.append(file.read(length))
    return json.loads(found[0]), found[1]


def _packed(head: dict, body: bytes) -> bytes:
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text
    if body:
        chunks += struct.pack("<II", len(body), 0x004E4942) + body
    return struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks
