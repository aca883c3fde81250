"""The words of the overview, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "overview_waiting": "等待",
    "overview_running": "运行",
    "overview_memory": "可用内存",
    "overview_servers": "可用服务器",
    "overview_loaded": "已加载的模型",
    "overview_model": "模型",
    "overview_backend": "服务器",
    "overview_size": "内存",
    "overview_until": "保留至",
    "overview_until_unknown": "由服务器决定",
    "overview_none_loaded": "尚未加载模型。下一个问题会先加载模型。",
}
