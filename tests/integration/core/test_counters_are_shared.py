"""Rates hold over several processes, and no more than the rate get through at once."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.cache import cache

from core import errors
from core.counters import Counter
from core.shared_cache import FileCache
from tests.support.program import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

RATE, PROCESSES, EACH = 30, 2, 25
# Without the apps, which counting does not need and which cost most of a start.
COUNT = f"""
import sys
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from concurrent.futures import ThreadPoolExecutor
from core.counters import Counter
counter = Counter("over processes", 3600)
with ThreadPoolExecutor(4) as pool:
    waits = list(pool.map(lambda _: counter.wait_s("alice", {RATE}), range({EACH})))
print(sum(wait == 0 for wait in waits))
"""


def test_of_many_at_once_in_several_processes_no_more_than_the_rate_get_through() -> None:
    from django.db import connection

    counter = Counter("over processes", 3600)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT, str(connection.settings_dict["NAME"])],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    let_through = [int(process.communicate(timeout=120)[0]) for process in processes]
    assert sum(let_through) == RATE
    assert counter.wait_s("alice", RATE) > 0


def test_the_cache_does_what_django_says_of_caches() -> None:
    cache.delete("a")
    assert cache.add("a", 1)
    assert not cache.add("a", 7)
    assert cache.incr("a") == 2
    assert cache.get("a") == 2
    cache.set("a", {"any": ["value"]}, timeout=60)
    assert cache.get("a") == {"any": ["value"]}
    assert cache.touch("a", 60)
    assert cache.delete("a")
    assert not cache.delete("a")
    assert (cache.get("a"), cache.get("a", "none")) == (None, "none")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    cache.set("a", 1, timeout=-1)
    assert cache.get("a") is None
    assert cache.get_many(["a"]) == {}


def test_a_damaged_file_is_made_again(tmp_path: Path) -> None:
    location = tmp_path / "shared.sqlite3"
    cache = FileCache(str(location), {})
    location.write_bytes(b"no database at all" * 1000)
    with pytest.raises(errors.Unavailable):
        cache.set("a", 1)
    cache.set("a", 2)
    assert cache.get("a") == 2
