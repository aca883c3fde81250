"""The words of the failure inbox, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_failures": "失败",
    "failures_text": "失败且尚未处理的尝试，按原因分组。这里不显示提问内容。",
    "failures_none": "没有待处理的失败。",
    "failures_export": "导出 CSV",
    "failures_replayed": "已重新提问，回答会出现在该人员的对话中。",
    "failures_resolved": "已处理。",
    "failures_resolve_all": "全部处理完",
    "failures_resolve": "已处理",
    "failures_replay": "重新提问",
    "failures_model": "模型",
    "failures_same_model": "同一模型",
    "failures_somebody": "某人",
    "failures_count": "{jobs} 个问题共 {attempts} 次尝试，最近一次 {at}",
    "failures_line": "{backend}，尝试 {attempts} 次，{at}",
    "failures_memory": "当时可用 {free}",
    "failures_load": "负载 {load}",
    "failures_said": "服务器的说明",
    "failures_more": "另有 {count} 条在导出文件中。",
    "failures_advice_memory_known": (
        "{model} 需要 {needed}，可用 {free}：请选择更小的量化、更短的上下文或更少的并发。"
    ),
    "failures_advice_memory": "{model} 内存不足：请选择更小的量化、更短的上下文或更少的并发，或卸载无人使用的模型。",
    "failures_advice_model_load": (
        "{backend} 无法启动 {model}。请在“模型”中单独加载；若仍失败，请重新拉取，文件可能已损坏。"
    ),
    "failures_advice_busy": "{backend} 已满。减少并发可让其余请求在此排队并保留位置。",
    "failures_advice_unreachable": "请确认 {backend} 正在运行，且本机可通过设置中的地址访问。",
    "failures_advice_interrupted": "{backend} 在回答中途断开。请查看其日志；若在高负载时发生，请减少并发。",
    "failures_advice_truncated": "{backend} 结束时未说明回答完整。中间的代理可能截断了长回答。",
    "failures_advice_invalid_reply": "{backend} 返回的内容不符合协议。请检查中间代理并更新服务器。",
    "failures_advice_deadline_load": "{model} 加载太慢。请保持预热，或将文件放到更快的磁盘。",
    "failures_advice_deadline": "{model} 在 {backend} 上太慢。请减少并发或使用更小的模型。",
    "failures_advice_capability": "{model} 不支持该请求。请使用支持的模型。",
    "failures_advice_not_found": "{backend} 没有 {model}。请在“模型”中拉取，或使用其他模型。",
    "failures_advice_too_long": "对话超出 {model} 的上下文。请增大上下文，或使用上下文更长的模型。",
    "failures_advice_ask_refused": "{backend} 拒绝了请求，说明见下；可尝试其他选项。",
    "failures_advice_misconfigured": "{backend} 的地址上不是模型服务器。请在设置中更正地址。",
    "failures_advice_crash": "应用在回答时两次停止，因此不再自动重试。请在空闲时重新提问。",
    "failures_advice_unknown": "{backend} 报告了未知错误，原文见各次尝试。",
}
