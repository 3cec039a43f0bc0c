"""Many small pictures on one page, captioned: for the eye, which sees what no test can.

Run it as `python -m studio.artist.scenes.contact_sheet OUT.png [PROMPT …]`: without prompts it
shows every subject that can be drawn.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from studio.artist.prompt.brief import read
from studio.artist.scenes.build import build
from studio.artist.subjects import SUBJECTS

CELL = (384, 216)
COLUMNS = 6
CAPTION = 18


def contact_sheet(
    prompts: Sequence[str], *, seed: int = 7, columns: int = COLUMNS, captions: bool = True
) -> Image.Image:
    """One small picture per prompt, in rows. captions: whether the prompts stand below them."""
    width, height = CELL
    rows = -(-len(prompts) // columns)
    page = Image.new("RGB", (columns * width, rows * (height + CAPTION)), (20, 20, 24))
    pen = ImageDraw.Draw(page)
    font = ImageFont.load_default(12)
    for index, prompt in enumerate(prompts):
        x, y = index % columns * width, index // columns * (height + CAPTION)
        # Drawn larger than shown: what matters is how it looks at its usual size.
        picture = build(read(prompt, seed=seed), 2 * width, 2 * height).still()
        page.paste(Image.fromarray(np.ascontiguousarray(picture)).resize(CELL), (x, y))
        if captions:
            pen.text((x + 6, y + height + 2), prompt[:60], font=font, fill=(220, 220, 226))
    return page


def main(arguments: Sequence[str]) -> int:
    """OUT.png, then any prompts; without prompts, every subject by name."""
    if not arguments:
        sys.stderr.write("Say where the sheet goes: python -m … OUT.png [PROMPT …]\n")
        return 2
    names = [subject.words[0] for subject in SUBJECTS.values()]
    contact_sheet(arguments[1:] or names).save(Path(arguments[0]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
