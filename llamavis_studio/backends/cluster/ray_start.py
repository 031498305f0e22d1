"""Joining or starting Ray; imported in the cluster process only, once the environment is right.

A Ray started here listens on the loopback address only, wants a token that nobody else knows, has
no dashboard, and ends with its process. What Ray says goes where the process's output goes.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import warnings
from dataclasses import dataclass
from typing import Any

from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.core.errors import BackendUnavailable

OBJECT_STORE_BYTES = 512 * 1024 * 1024
"""Room for what is on its way between processes; Ray would take a third of the memory."""
LOST_AFTER_S = 10
"""How long a cluster's head may be away before it counts as lost; Ray would wait a minute and then
end the process."""
REACH_S = 5.0
TRIES = 5
"""Seconds to wait for a cluster that is there and does not let us in; Ray would wait for 20."""

JOIN_HINT = "check the address with 'ray status', or leave --address out to use this machine alone"
TOKEN_HINT = (
    "ask for the cluster's token and name its file in RAY_AUTH_TOKEN_PATH, "
    "or put it into ~/.ray/auth_token"
)


@dataclass(frozen=True)
class Found:
    """What a cluster has: the cores of each node, and graphics cards in all."""

    cpus: tuple[float, ...]
    gpus: float


def start_ray(settings: ClusterSettings, cores: int) -> Found:
    """Join the cluster at the address, or start one here. Raises BackendUnavailable."""
    _check_reachable(settings)
    _prepare_environment(settings)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Ray warns of its own future
        try:
            import ray
        except ImportError as error:
            raise BackendUnavailable(
                f"Ray cannot be used: {error}", 'pip install "llamavis-studio[cluster]"'
            ) from error
        options: dict[str, Any] = {
            "include_dashboard": None,
            "log_to_driver": False,
            "logging_level": logging.ERROR,
        }
        if settings.address is None:
            options |= {
                "address": "local",
                "num_cpus": max(cores, settings.workers or 1),
                "include_dashboard": False,
                "object_store_memory": OBJECT_STORE_BYTES,
                "_temp_dir": settings.folder,
            }
        else:
            options["address"] = settings.address
        try:
            ray.init(**options)
        except ray.exceptions.AuthenticationError as error:
            raise BackendUnavailable(
                f"the Ray cluster at {settings.address} does not take this token, or wants one",
                TOKEN_HINT,
            ) from error
        except Exception as error:
            raise _not_started(settings, error) from error
    _check_loopback(settings)
    nodes: list[dict[str, Any]] = ray.nodes()  # type: ignore[no-untyped-call]
    alive = [node["Resources"] for node in nodes if node["Alive"]]
    cpus = tuple(float(one.get("CPU", 0)) for one in alive)
    return Found(cpus, sum(float(one.get("GPU", 0)) for one in alive))


def stop_ray() -> None:
    """Leave the cluster; one that was started here ends."""
    import ray

    ray.shutdown()


def _prepare_environment(settings: ClusterSettings) -> None:
    """Variables that Ray reads when it is imported, for itself and the processes it starts."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_NUM_REDIS_GET_RETRIES", str(TRIES))
    os.environ.setdefault("RAY_gcs_rpc_server_reconnect_timeout_s", str(LOST_AFTER_S))
    if settings.address is None:
        os.environ["RAY_AUTH_MODE"] = "token"
        # In the environment and not in the user's home: it ends with this one cluster.
        os.environ["RAY_AUTH_TOKEN"] = secrets.token_hex(32)
        os.environ.pop("RAY_AUTH_TOKEN_PATH", None)
        # Without clusters of several machines Ray takes 127.0.0.1 for its address, as it does on
        # Windows and macOS, which the name speaks of. Elsewhere it takes that of the network, and
        # its processes listen on every address there is (2.60, `resolve_ip_for_localhost`).
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"


def _check_reachable(settings: ClusterSettings) -> None:
    """Ask for the door before Ray does, which ends its process where there is none."""
    host, colon, port = (settings.address or "").rpartition(":")
    if not (colon and port.isdigit()):
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), REACH_S).close()
    except (OSError, OverflowError) as error:
        raise BackendUnavailable(
            f"nobody answers at {settings.address}, where the Ray cluster should be: "
            f"{getattr(error, 'strerror', None) or error}",
            JOIN_HINT,
        ) from error


def _check_loopback(settings: ClusterSettings) -> None:
    """Refuse to go on where a cluster of this machine can be reached from elsewhere."""
    import ray

    address = str(ray.util.get_node_ip_address())  # type: ignore[no-untyped-call]
    if settings.address is None and not (address.startswith("127.") or address == "::1"):
        ray.shutdown()
        raise BackendUnavailable(
            f"Ray would listen on {address}, which other machines can reach",
            "start a cluster yourself and name it with --address",
        )


def _not_started(settings: ClusterSettings, error: Exception) -> BackendUnavailable:
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    if settings.address is not None:
        # With a wrong token Ray says no more than that it failed; somebody does answer there.
        named = settings.address != "auto"
        return BackendUnavailable(
            f"the Ray cluster at {settings.address} cannot be joined: {reason}",
            f"it may want another token: {TOKEN_HINT}" if named else JOIN_HINT,
        )
    return BackendUnavailable(
        f"Ray cannot be started here: {reason}",
        "cluster.log beside the studio's other logs has the details; --executor local does without",
    )
