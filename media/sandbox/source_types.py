"""IPTC's DigitalSourceType in the metadata of a copy. Child process only."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

IPTC_EXTENSION: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
# The type of a box with XMP, by the XMP specification, part 3.
XMP_BOX: Final = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac")
# The containers that take the box; the others have tags.
BOX_CONTAINERS: Final = frozenset({"mp4", "mov", "3gp"})


def xmp_of(source_type: str) -> str:
    """Return an XMP packet that says this and nothing else; "" for "".

    source_type: the URI of a DigitalSourceType.
    """
    if not source_type:
        return ""
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="{IPTC_EXTENSION}"'
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(source_type)}/>"
        '</rdf:RDF></x:xmpmeta><?xpacket end="r"?>'
    )


def xmp_with(packet: bytes, source_type: str) -> bytes | None:
    """Return a packet that is there with this as well; None where it says one, or can't be read."""
    before, end, after = packet.rpartition(b"</rdf:RDF>")
    if not end or b"DigitalSourceType" in packet:
        return None
    description = (
        f'<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
        f' xmlns:Iptc4xmpExt="{IPTC_EXTENSION}"'
        f" Iptc4xmpExt:DigitalSourceType={quoteattr(source_type)}/>"
    )
    return before + description.encode() + end + after


def append_box(path: str | Path, source_type: str) -> None:
    """Add the packet at the end of a whole MP4, MOV or 3GP file: no place in it moves."""
    content = XMP_BOX.bytes + xmp_of(source_type).encode()
    with Path(path).open("ab") as file:
        file.write((len(content) + 8).to_bytes(4) + b"uuid" + content)


def tag_of(source_type: str) -> dict[str, str]:
    """Return the tags for containers without a place for XMP that players know."""
    return {"comment": f"DigitalSourceType: {source_type}"}


def gltf_of(source_type: str) -> dict[str, Any]:
    """Return the members of a glTF document that say it: extension KHR_xmp_json_ld."""
    packet = {
        "@context": {"Iptc4xmpExt": IPTC_EXTENSION},
        "@id": "",
        "Iptc4xmpExt:DigitalSourceType": source_type,
    }
    return {"packets": [packet]}
