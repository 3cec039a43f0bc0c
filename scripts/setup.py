"""`make setup`: what `make run` and `make check` install, without starting anything."""

from bootstrap import ensure_or_exit

import frontend

if __name__ == "__main__":
    ensure_or_exit("runtime", "dev")
    frontend.ensure_or_exit()
    print("Setup complete. Start with `make run`, test with `make test`.")
