"""The contact sheet shows every prompt it is given."""

from pathlib import Path

from PIL import Image

from studio.artist.scenes.contact_sheet import CAPTION, CELL, contact_sheet, main


def test_it_has_a_cell_for_each_prompt():
    page = contact_sheet(["a cup", "a watch", "a shoe"], columns=2)

    assert page.size == (2 * CELL[0], 2 * (CELL[1] + CAPTION))
    assert page.crop((0, 0, *CELL)).getcolors(maxcolors=256) is None


def test_the_command_writes_it(tmp_path: Path):
    out = tmp_path / "sheet.png"

    assert main([str(out), "a cup"]) == 0
    assert Image.open(out).format == "PNG"


def test_the_command_asks_where_to_write(capsys):
    assert main([]) == 2
    assert "OUT.png" in capsys.readouterr().err
