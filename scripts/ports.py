"""Local ports."""

import random
import socket
from itertools import islice

# Below those that systems give to who asks for any port, so no other test's server or client is
# given it before it is used.
_LOWEST, _HIGHEST = 20_000, 30_000
_TRIES = 200


def free_port() -> int:
    """Choose a port of this machine that no one listens on."""
    chance = random.SystemRandom()
    ports = iter(lambda: chance.randrange(_LOWEST, _HIGHEST), None)
    return next(port for port in islice(ports, _TRIES) if _is_free(port))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
