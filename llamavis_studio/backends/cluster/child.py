"""The process that speaks with Ray, in place of the one that holds a model.

Ray ends the process that uses it when a cluster's head is lost, prints as it likes and takes over
signals: none of that may reach the studio.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from functools import partial
from multiprocessing.connection import Connection

from llamavis_studio.backends.child import Child
from llamavis_studio.backends.cluster.crew import Crew
from llamavis_studio.backends.cluster.settings import ClusterSettings
from llamavis_studio.backends.entry import ChildSettings
from llamavis_studio.backends.messages import Caption, Embed, Generate, Loaded


class ClusterChild(Child):
    """A model process whose backend is a crew."""

    def __init__(
        self, connection: Connection, settings: ChildSettings, cluster: ClusterSettings
    ) -> None:
        # A session of its own: Ctrl+C in the terminal does not reach what Ray starts, and all of
        # it ends together.
        if hasattr(os, "setsid"):
            with contextlib.suppress(OSError):
                os.setsid()
        self._folder = cluster.folder
        self._crew = Crew(cluster, settings.threads, settings.device)
        super().__init__(connection, settings, self._crew)

    def _end_others(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
        if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
            os.killpg(0, signal.SIGKILL)  # this process too

    def _load(self, call: Generate | Caption | Embed) -> None:
        self._crew.check = partial(self._give_up_if_cancelled, call.call_id)
        self._crew.use(call.backend)
        self._send(Loaded(call.call_id, self._crew.team))
