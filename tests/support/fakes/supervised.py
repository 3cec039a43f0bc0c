"""A supervisor over stand-in children, as a program of its own: signals and exits are real.

`python -m tests.support.fakes.supervised HOME PORT NAME=PROGRAM …` keeps each PROGRAM (Python
source, given its unique name as argv[1] and PORT as argv[2]) running. Children named `worker-…`
stop first, and the lives of theirs that end unasked are written to HOME/released.
"""

import asyncio
import signal
import sys
from pathlib import Path

from builder.ops.server.processes import AlreadyRunning, ProcessBook, sole_supervisor
from builder.ops.server.supervisor import ChildSpec, Supervisor, Timing, answers

# Like the real one, but impatient.
TIMING = Timing(first_pause_s=0.05, longest_pause_s=0.2, look_s=0.05)


def main() -> None:
    # Under nohup the supervisor goes on; the tests themselves may run there.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    home, port = Path(sys.argv[1]), int(sys.argv[2])
    for folder in ("run", "logs"):
        (home / folder).mkdir(exist_ok=True, parents=True)

    def note(life: str) -> None:
        with (home / "released").open("a") as file:
            file.write(life + "\n")

    specs = []
    for argument in sys.argv[3:]:
        name, _, program = argument.partition("=")

        def command(life: str, program: str = program) -> list[str]:
            return [sys.executable, "-u", "-c", program, life, str(port)]

        is_worker = name.startswith("worker-")
        on_death = note if is_worker else None
        specs.append(ChildSpec(name, command, on_death, cleans_up=True, stops_first=is_worker))
    try:
        with sole_supervisor(home / "run"):
            ProcessBook(home / "run").stop_left_behind()
            supervisor = Supervisor(
                specs,
                run_dir=home / "run",
                log_dir=home / "logs",
                cwd=home,
                is_ready=lambda: answers(("127.0.0.1", port)),
                announce=lambda: print("ready", flush=True),
                say=lambda line: print(line, flush=True),
                timing=TIMING,
            )
            asyncio.run(supervisor.run())
    except AlreadyRunning as problem:
        sys.exit(str(problem))


if __name__ == "__main__":
    main()
