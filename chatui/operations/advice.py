"""How many answers at the same time a machine can bear: pure.

An answer at the same time costs the memory of its context: keys and values for every token, in every layer. Neither
Ollama nor an OpenAI-compatible server tells that figure, so it is estimated from the size of the model's file, which
for the usual 4-bit models is near half a byte a parameter. The limiter then finds how many of these are any faster.
"""

from __future__ import annotations

from dataclasses import dataclass

GIB = 1024**3
_RESERVE_BYTES = 2 * GIB  # the system, this app, and what else people run
_BYTES_PER_PARAMETER = 0.6  # of a 4-bit file, scales and tables included
_CONTEXT_BYTES_PER_TOKEN_AND_BILLION = 16 * 1024  # grouped-query attention in 16 bit: 128 KiB a token for 8 billion
_ANSWERS_PER_GIB = 3 / 8  # what the processor and its memory bandwidth have been seen to bear: about 3 on 8 GiB
_MOST = 16


@dataclass(frozen=True, slots=True)
class Memory:
    """A machine's memory in bytes: all of it, and what is free for programs now."""

    total_bytes: int
    available_bytes: int


def context_bytes(model_bytes: int, context_tokens: int) -> int:
    """Estimate what one more context of a model costs."""
    billions = model_bytes / _BYTES_PER_PARAMETER / 1e9
    return int(billions * _CONTEXT_BYTES_PER_TOKEN_AND_BILLION * context_tokens)


def advised_workers(memory: Memory, model_bytes: int | None, context_tokens: int, loaded_bytes: int = 0) -> int:
    """Advise the most answers at the same time, from 1 to 16.

    `loaded_bytes` of the models are in memory already, so they are not needed again. Without a model's size only the
    machine's memory counts.
    """
    by_machine = round(memory.total_bytes / GIB * _ANSWERS_PER_GIB)
    if model_bytes is None:
        return _bounded(by_machine)
    free = memory.available_bytes + loaded_bytes - model_bytes - _RESERVE_BYTES
    by_room = 1 + int(max(free, 0) / max(context_bytes(model_bytes, context_tokens), 1))
    return _bounded(min(by_machine, by_room))


def _bounded(workers: int) -> int:
    return max(1, min(workers, _MOST))
