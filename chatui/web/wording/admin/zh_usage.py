"""The words of the usage page, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_usage": "用量",
    "usage_text": "大家使用模型的情况。日期按 UTC 计算；已删除的人不在其中。",
    "usage_first": "从",
    "usage_last": "到",
    "usage_by": "汇总方式",
    "usage_by_person": "按人",
    "usage_by_group": "按分组",
    "usage_by_model": "按模型",
    "usage_show": "显示",
    "usage_export": "下载 CSV",
    "usage_name": "名称",
    "usage_answers": "回答数",
    "usage_read": "读取词元",
    "usage_written": "写出词元",
    "usage_tokens": "词元合计",
    "usage_no_group": "未分组",
    "usage_sums_person": "按人汇总",
    "usage_sums_group": "按分组汇总",
    "usage_sums_model": "按模型汇总",
    "usage_none": "这些天没有人提问。",
    "usage_flaw_day": "请填写日期，例如 2026-11-30。",
    "usage_flaw_order": "结束日期早于开始日期。",
    "did_usage_exported": "下载用量",
}
