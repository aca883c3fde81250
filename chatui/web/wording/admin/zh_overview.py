"""The words of the overview, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "overview_waiting": "等待",
    "overview_running": "运行",
    "overview_first": "首个词元（95 %）",
    "overview_speed": "词元速度",
    "overview_memory": "内存",
    "overview_loaded": "已加载的模型",
    "overview_model": "模型",
    "overview_backend": "服务器",
    "overview_size": "内存",
    "overview_until": "保留至",
    "overview_until_unknown": "由服务器决定",
    "overview_none_loaded": "尚未加载模型。下一个问题会先加载模型。",
    "overview_on_card": "{size}，其中显存 {card}",
    "overview_loading": "已加载 {time}",
    "overview_failures": "失败",
    "overview_no_failures": "没有待处理的失败。",
    "overview_failed": "{count} 次尝试，{where}，最近一次 {at}",
    "overview_look": "查看",
}
