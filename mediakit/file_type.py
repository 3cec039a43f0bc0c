"""The type of a file, by its first bytes alone: no name and no header is believed.

Pure, and cheap enough for the parent process: nothing is decoded here. Container formats may hold
picture and sound or sound alone; only the sandbox can tell which (`media.sandbox.probe`).
"""

from __future__ import annotations

from dataclasses import dataclass

import filetype

# Bytes that are enough for every signature below.
HEAD_BYTES = 4096

IMAGES = frozenset(
    {"image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp"}
    | {"image/heic", "image/avif", "image/tiff"}
)
# Images that not every browser shows: a copy is shown instead (`media.posters.still_of`).
UNSHOWN = frozenset({"image/heic", "image/tiff"})
VIDEOS = frozenset(
    {"video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp", "audio/ogg"}
)
AUDIOS = frozenset(
    {"audio/mpeg", "audio/mp4", "audio/ogg", "audio/flac", "audio/wav"}
    | {"video/mp4", "video/quicktime", "video/webm", "video/x-matroska", "video/3gpp"}
)
MODELS = frozenset({"model/gltf-binary"})
BY_KIND = {"image": IMAGES, "video": VIDEOS, "audio": AUDIOS, "model": MODELS}

# What the file-name ending of each type is, for files we name.
EXTENSIONS = {
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/bmp": "bmp",
    "image/heic": "heic",
    "image/avif": "avif",
    "image/tiff": "tif",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/3gpp": "3gp",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/ogg": "ogg",
    "audio/flac": "flac",
    "audio/wav": "wav",
    "audio/webm": "weba",
    "audio/x-matroska": "mka",
    "model/gltf-binary": "glb",
}

# Other spellings the signature library uses.
_SAME = {
    "image/apng": "image/png",
    "audio/x-wav": "audio/wav",
    "audio/x-flac": "audio/flac",
    "audio/m4a": "audio/mp4",
    "video/x-m4v": "video/mp4",
}
# Pillow reads it in this byte order alone.
_BIG_TIFF = b"II\x2b\0"
_HEIC = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"})
_AVIF = frozenset({b"avif", b"avis"})
# General brands of HEIF: what is inside is told by the brands they are compatible with.
_HEIF = frozenset({b"mif1", b"msf1"})
_TAKEN_TYPES = (
    "Use PNG, JPEG, WebP, GIF, HEIC, AVIF, TIFF, BMP, MP4, MOV, WebM, MKV, MP3, M4A, OGG, FLAC or"
    " WAV."
)


@dataclass(frozen=True, slots=True)
class Sniffed:
    """mime: a type we take, or empty; then `refusal` says to people what is wrong.

    is_unknown: the bytes say nothing, and a decoder may know the file
    (`mediakit.decode.sniff_file`).
    """

    mime: str
    refusal: str = ""
    is_unknown: bool = False

    def fits(self, kind: str) -> bool:
        """Return whether such a file can be a file of this kind."""
        return self.mime in BY_KIND.get(kind, ())


def sniff(head: bytes) -> Sniffed:
    """Return the type of a file that starts with these bytes."""
    if not head:
        return Sniffed("", "The file is empty.")
    if head[4:8] == b"ftyp":
        return _sniff_brand(head)
    if head[:4] == _BIG_TIFF:
        return Sniffed("image/tiff")
    if head[:4] == b"glTF":
        return Sniffed("model/gltf-binary")
    if refusal := _refuse_text(head):
        return Sniffed("", refusal)
    guess = filetype.guess(head)
    mime = _SAME.get(guess.mime, guess.mime) if guess else ""
    if mime in EXTENSIONS:
        return Sniffed(mime)
    if mime:
        return Sniffed("", f"{mime} files aren't supported. {_TAKEN_TYPES}")
    return Sniffed("", f"We can't read this file. {_TAKEN_TYPES}", is_unknown=True)


def _sniff_brand(head: bytes) -> Sniffed:
    brand = head[8:12]
    end = min(int.from_bytes(head[:4]), len(head))
    also = {head[at : at + 4] for at in range(16, end - 3, 4)}
    if brand in _AVIF or (brand in _HEIF and also & _AVIF):
        return Sniffed("image/avif")
    if brand in _HEIC or brand in _HEIF:
        return Sniffed("image/heic")
    if brand in (b"M4A ", b"M4B "):
        return Sniffed("audio/mp4")
    if brand == b"qt  ":
        return Sniffed("video/quicktime")
    if brand[:2] == b"3g":
        return Sniffed("video/3gpp")
    return Sniffed("video/mp4")


def _refuse_text(head: bytes) -> str:
    """Text that programs would follow: pages, drawings with scripts, lists of other files."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"#extm3u", b"ffconcat", b"[playlist]", b"<mpd")):
        return "Playlists aren't supported. Use the media file itself."
    if text.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script")):
        return "This is a web page, not a media file. Use the file's own URL."
    if text.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        if b"<mpd" in text:
            return "Playlists aren't supported. Use the media file itself."
        if b"<html" in text:
            return "This is a web page, not a media file. Use the file's own URL."
        return "SVG isn't supported. Save it as PNG."
    return ""
