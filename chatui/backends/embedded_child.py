"""The embedded model's server in a process of its own: a native crash takes down this process and not the app.

Run as `python -m chatui.backends.embedded_child`. The first line of its standard input is a JSON object with the fields
of `ChildOrder`; the answer is one line of JSON on standard output, `{"url": ...}` once the model is loaded or
`{"error": ...}`. It lives for as long as its standard input stays open. The key comes by the pipe because anybody on
the machine may read a command line.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    import xllamacpp

# What is read between two looks at who has left: with llama.cpp's 2,048 a cancelled prompt held its slot for 8 s on two
# cores, and the other slot's stream stood still as long; with 128 it is under a second, at the same throughput.
BATCH_TOKENS = 128

# llama.cpp keeps the caches of past prompts in up to 8 GB of memory unless told otherwise.
PROMPT_CACHE_MIB = 256

# Each connection takes a thread for as long as it is open, idle ones too.
SPARE_CONNECTIONS = 16

# How much of the cores a container may use: "max 100000", or "200000 100000" for two.
CGROUP_QUOTA = Path("/sys/fs/cgroup/cpu.max")

PR_SET_PDEATHSIG = 1
WARNINGS = 2


@dataclass(frozen=True, slots=True)
class ChildOrder:
    """What the child is to serve: `num_ctx` tokens for each of `slots`; without `threads`, all cores but one."""

    model_path: str
    model: str
    slots: int
    num_ctx: int
    threads: int | None
    api_key: str


def main() -> None:
    """Serve until standard input ends."""
    answers = claim_stdout()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent()
    order = ChildOrder(**json.loads(sys.stdin.readline()))
    watcher = threading.Thread(target=leave_at_end_of_input, daemon=True)
    watcher.start()
    try:
        server = serve(order)
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent tells it
        answer(answers, {"error": f"{type(error).__name__}: {error}"})
        return
    answer(answers, {"url": server.listening_address})
    watcher.join()


def claim_stdout() -> TextIO:
    """Keep standard output for the one answer: what native code prints there goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return answers


def die_with_parent() -> None:
    """Have the kernel end this process with its parent, where it can (Linux): native code may hold up the watcher."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def leave_at_end_of_input() -> None:
    """End the process when the parent closes the pipe or is gone."""
    sys.stdin.read()
    os._exit(0)


def answer(answers: TextIO, told: dict[str, str]) -> None:
    """Tell the parent."""
    answers.write(json.dumps(told) + "\n")
    answers.flush()


def serve(order: ChildOrder) -> xllamacpp.Server:
    """Load the model and listen on a free port of the loopback, for those who know the key."""
    import xllamacpp  # noqa: PLC0415 - 34 MB of native code, which only this process is to load

    params = xllamacpp.CommonParams()
    params.model.path = order.model_path
    params.model_alias = {order.model}
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [order.api_key]
    params.n_parallel = order.slots
    params.n_ctx = order.num_ctx * order.slots
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    params.cache_ram_mib = PROMPT_CACHE_MIB
    params.n_threads_http = order.slots + SPARE_CONNECTIONS
    # Chats and embeddings from one copy of the model. Of the ways to pool, only the last token's vector is made batch
    # by batch: any other one would refuse texts of more than one batch.
    params.embedding = True
    params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_LAST
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = order.threads or max(1, usable_cores() - 1)
        cpu.poll = 0
    # Asking for the slots' states closed the connection; nobody here asks.
    params.endpoint_slots = False
    params.ui = False
    params.verbosity = WARNINGS
    return xllamacpp.Server(params)


def usable_cores() -> int:
    """Count the cores that this process may use.

    One thread more than there are free cores makes llama.cpp's threads wait for each other: on two cores, one of them
    busy, two threads wrote 2 tokens a second and one thread wrote 43.
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    try:
        quota, period = CGROUP_QUOTA.read_text().split()
        return max(1, min(cores, int(quota) // int(period)))
    except (OSError, ValueError):
        return cores


if __name__ == "__main__":
    main()
