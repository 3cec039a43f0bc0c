import pytest

from mediakit.file_type import sniff


def ftyp(brand: bytes) -> bytes:
    return b"\x00\x00\x00\x18ftyp" + brand + b"\x00" * 12


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "image/png"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 50, "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 " + b"\0" * 50, "image/webp"),
        (b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 50, "audio/wav"),
        (b"GIF89a" + b"\0" * 50, "image/gif"),
        (b"fLaC" + b"\0" * 50, "audio/flac"),
        (b"OggS" + b"\0" * 50, "audio/ogg"),
        (b"ID3\x04" + b"\0" * 50, "audio/mpeg"),
        (b"glTF\x02\0\0\0", "model/gltf-binary"),
        (ftyp(b"isom"), "video/mp4"),
        (ftyp(b"M4A "), "audio/mp4"),
        (ftyp(b"qt  "), "video/quicktime"),
        (ftyp(b"heic"), "image/heic"),
        (ftyp(b"mif1"), "image/heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "image/avif"),
        (ftyp(b"avif"), "image/avif"),
        (b"II*\0" + b"\0" * 50, "image/tiff"),
        (b"BM" + b"\0" * 50, "image/bmp"),
    ],
)
def test_tells_a_type_by_its_first_bytes(head, mime):
    assert sniff(head).mime == mime


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"\xef\xbb\xbf  <HTML>", "web page"),
        (b"<?xml version='1.0'?><svg>", "SVG"),
        (b"<svg xmlns='x'>", "SVG"),
        (b"#EXTM3U\n", "Playlist"),
        (b"ffconcat version 1.0\n", "Playlist"),
        (b"%PDF-1.7", "application/pdf"),
        (b"just words", "can't read"),
    ],
)
def test_says_why_a_file_is_refused(head, word):
    sniffed = sniff(head)
    assert sniffed.mime == ""
    assert word in sniffed.refusal


def test_a_container_may_be_sound_alone():
    assert sniff(ftyp(b"isom")).fits("audio")
    assert not sniff(ftyp(b"isom")).fits("image")
