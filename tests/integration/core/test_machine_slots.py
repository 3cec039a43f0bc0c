"""Heavy work is limited in all processes of a machine together."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from core import machine_slots
from core.machine_slots import MachineSlots
from tests.support.program import ROOT
from tests.support.waiting import WAIT_S

# Says that it is inside, and stays there until it is killed.
HOLDER = """
import time
import django
django.setup()
from core.machine_slots import MachineSlots
with MachineSlots("test", 1).take():
    print("inside", flush=True)
    time.sleep(600)
"""


def test_a_slot_is_waited_for_and_a_killed_process_frees_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Who waits for longer would go on without a slot.
    monkeypatch.setattr(machine_slots, "PATIENCE_S", 2 * WAIT_S)
    slots = MachineSlots("test", 1)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    inside = threading.Event()

    def wait() -> None:
        with slots.take():
            inside.set()

    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "inside\n"
        waiting = threading.Thread(target=wait)
        waiting.start()
        assert not inside.wait(0.2)
        holder.kill()
        assert inside.wait(WAIT_S)
        waiting.join()
    finally:
        holder.kill()
        holder.wait()


def test_threads_share_the_slots_too() -> None:
    slots = MachineSlots("threads", 2)
    present = most = 0
    lock = threading.Lock()

    def work() -> None:
        nonlocal present, most
        with slots.take():
            with lock:
                present += 1
                most = max(most, present)
            time.sleep(0.02)
            with lock:
                present -= 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 2


def test_work_goes_on_where_no_slot_can_be_had(settings: object, tmp_path: Path) -> None:
    settings.RUN_DIR = tmp_path / "missing"  # type: ignore[attr-defined]
    with MachineSlots("test", 1).take():
        pass
