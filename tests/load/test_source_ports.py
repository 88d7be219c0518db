import itertools
import socket

from drillbook.source_ports import COUNT, FIRST, SourcePorts


def bound(ports: SourcePorts) -> socket.socket:
    connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ports.bind(connection)
    return connection


def test_no_port_comes_again_before_all_others_were_used() -> None:
    ports = SourcePorts(100)
    seen = []
    for _ in range(500):
        with bound(ports) as connection:
            seen.append(connection.getsockname()[1])
    assert len(set(seen)) == 500
    assert all(FIRST <= port < FIRST + COUNT for port in seen)
    steps = [(after - before) % COUNT for before, after in itertools.pairwise(seen)]
    assert all(1 <= step < 100 for step in steps)  # more than 1 where a port was taken


def test_a_port_that_is_taken_is_passed_over() -> None:
    ports = SourcePorts(0)  # starts at the first one
    again = SourcePorts(0)
    with bound(ports) as first, bound(again) as second:
        assert first.getsockname()[1] != second.getsockname()[1]


def test_the_next_process_goes_on_where_the_one_before_ended() -> None:
    with bound(SourcePorts(100)) as before, bound(SourcePorts(100)) as after:
        ahead = (after.getsockname()[1] - before.getsockname()[1]) % COUNT
    assert 1 <= ahead < 5000


def test_ipv6_is_bound_too() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as connection:
        SourcePorts(100).bind(connection)
        assert connection.getsockname()[1] >= FIRST
