"""`make lock`: write requirements/*.txt again from requirements/*.in. Needs uv.

The locks hold for every platform and every Python from 3.11, carry hashes, and name no index.
"""

import shutil
import sys

from bootstrap import run

# In this order: later ones are held to the versions of the earlier.
LOCKS = ("runtime", "scale", "marks", "dev", "node", "provider_clients")


def main() -> int:
    uv = shutil.which("uv")
    if uv is None:
        sys.exit("`make lock` needs uv. Run: pipx install uv")
    options = ["--universal", "--generate-hashes", "--no-emit-index-url", "--python-version"]
    for name in LOCKS:
        files = [f"requirements/{name}.in", "-o", f"requirements/{name}.txt"]
        code = run([uv, "pip", "compile", *options, "3.11", *files, *sys.argv[1:]])
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
