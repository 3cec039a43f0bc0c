"""`reelgraph` and `python -m reelgraph`: reads the command line, then hands over to Django's."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from reelgraph import commands

APP = Path(__file__).resolve().parent / "_app"


def main() -> None:
    try:
        call = commands.read(sys.argv[1:])
        if call.verb == "help":
            print(commands.HELP)
            return
        if call.verb == "compose-env":
            print(commands.compose_env(*call.django))
            return
        home = commands.data_folder(call.home)
        if call.verb == "serve":
            commands.refuse_a_checkout_left_behind(home)
    except commands.Refused as problem:
        sys.exit(str(problem))
    os.environ["REELGRAPH_HOME"] = str(home)
    os.environ.update(call.environment)
    # Web processes and workers are started as programs of their own.
    paths = [str(APP), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(paths)
    sys.path.insert(0, str(APP))
    if call.verb == "version":
        print(commands.version(home))
        return
    sys.argv[1:] = call.django
    # Only now: it is in the folder that was put on the path.
    import manage

    manage.main()


if __name__ == "__main__":
    main()
