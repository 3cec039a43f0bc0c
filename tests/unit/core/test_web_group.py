"""What the web processes of one machine tell each other through shared memory."""

import os
from collections.abc import Iterator

import pytest

from core.web_group import SALT_BYTES, UNEVEN, WebGroup, make_memory


@pytest.fixture
def groups() -> Iterator[list[WebGroup]]:
    descriptor = make_memory(3)
    # With a random salt two of the tests' addresses share a bucket, and so a limit, once in a
    # few hundred runs.
    os.pwrite(descriptor, bytes(SALT_BYTES), 0)
    yield [WebGroup(descriptor, slot) for slot in range(3)]
    os.close(descriptor)


def test_bodies_count_in_sum_and_by_address(groups: list[WebGroup]) -> None:
    one, two, _ = groups
    one.add_bytes("10.0.0.1", 100)
    two.add_bytes("10.0.0.1", 20)
    two.add_bytes("10.0.0.2", 3)
    assert [group.bytes_held() for group in groups] == [123] * 3
    assert [group.bytes_of("10.0.0.1") for group in groups] == [120] * 3
    assert one.bytes_of("10.0.0.3") == 0
    one.add_bytes("10.0.0.1", -100)
    assert two.bytes_of("10.0.0.1") == 20
    one.add_half_arrived("10.0.0.1", 1)
    two.add_half_arrived("10.0.0.1", 1)
    assert groups[2].half_arrived_of("10.0.0.1") == 2


def test_a_new_life_begins_with_nothing_and_leaves_the_others_alone(
    groups: list[WebGroup],
) -> None:
    one, two, _ = groups
    for group in (one, two):
        group.join()
        group.add_bytes("10.0.0.1", 7)
        group.add_half_arrived("10.0.0.1", 1)
    one.clear()
    assert (two.bytes_held(), two.half_arrived_of("10.0.0.1")) == (7, 1)


def test_one_with_many_more_connections_gives_way_to_living_processes_only(
    groups: list[WebGroup],
) -> None:
    one, two, _ = groups
    one.join()
    one.add_connections(UNEVEN + 1)
    assert not one.has_too_many_connections()
    two.join()
    assert one.has_too_many_connections()
    assert not two.has_too_many_connections()
    two.add_connections(1)
    assert not one.has_too_many_connections()
    one.add_connections(1)
    assert one.has_too_many_connections()
    two.clear()
    assert not one.has_too_many_connections()


def test_a_process_by_itself_has_memory_of_its_own() -> None:
    alone = WebGroup()
    alone.join()
    alone.add_connections(50)
    alone.add_bytes("10.0.0.1", 7)
    assert not alone.has_too_many_connections()
    assert (alone.bytes_held(), WebGroup().bytes_held()) == (7, 0)
