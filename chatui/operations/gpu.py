"""Graphics cards, where `nvidia-ml-py` is installed and finds one: the only user of it."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

log = logging.getLogger(__name__)


class Gpus:
    """Reads the figures of NVIDIA's cards, all of them together; nothing where there is none."""

    def __init__(self) -> None:
        self._nvml: Any = _nvml()
        self._cards: list[Any] = _cards(self._nvml) if self._nvml else []

    @property
    def names(self) -> list[str]:
        """What the cards are called."""
        return [str(self._nvml.nvmlDeviceGetName(card)) for card in self._cards]

    def figures(self) -> dict[str, float]:
        """Tell how busy the cards are in percent, on the average, and their memory in bytes, all together."""
        if not self._cards:
            return {}
        try:
            memories = [self._nvml.nvmlDeviceGetMemoryInfo(card) for card in self._cards]
            busy = [self._nvml.nvmlDeviceGetUtilizationRates(card).gpu for card in self._cards]
        except self._nvml.NVMLError as error:
            log.warning("the graphics cards tell nothing any more: %s", error)
            self._cards = []
            return {}
        return {
            "gpu": sum(busy) / len(busy),
            "gpu_memory_used": float(sum(memory.used for memory in memories)),
            "gpu_memory_total": float(sum(memory.total for memory in memories)),
        }


def _nvml() -> Any:
    try:
        nvml: Any = import_module("pynvml")
    except ImportError:
        return None
    try:
        nvml.nvmlInit()
    except nvml.NVMLError as error:
        log.info("no graphics card is watched: %s", error)
        return None
    return nvml


def _cards(nvml: Any) -> list[Any]:
    return [nvml.nvmlDeviceGetHandleByIndex(number) for number in range(nvml.nvmlDeviceGetCount())]
