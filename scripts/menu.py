"""Print what `make` can do, from the `##` comments of the Makefile."""

import re
from pathlib import Path

TARGET = re.compile(r"^(?P<name>[a-z0-9-]+):.*?## (?P<does>.+)$")


def menu(makefile: str) -> list[tuple[str, str]]:
    """(target, what it does), in the order of the Makefile."""
    matches = (TARGET.match(line) for line in makefile.splitlines())
    return [(match["name"], match["does"]) for match in matches if match]


def main() -> None:
    text = (Path(__file__).resolve().parent.parent / "Makefile").read_text()
    print("Reelgraph: a self-hosted studio for creative-media workflows.\n")
    for name, does in menu(text):
        print(f"  make {name:<14} {does}")


if __name__ == "__main__":
    main()
