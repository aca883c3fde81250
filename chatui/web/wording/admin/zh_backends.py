"""The words of the page about model servers, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_backends": "模型服务器",
    "backends_text": (
        "由谁回答。在此添加的服务器重启后依然有效。"
        "等待已移除服务器上模型的问题，会等到有该模型的其他服务器，并得到提示。"
    ),
    "backends_server": "服务器",
    "backends_kind": "类型",
    "backends_state": "状态",
    "backends_models": "模型",
    "backends_kind_ollama": "Ollama",
    "backends_kind_openai": "OpenAI 兼容",
    "backends_kind_embedded": "内置",
    "backends_ok": "有应答",
    "backends_not_ok": "无应答",
    "backends_paused": "已暂停",
    "backends_acts": "可用操作",
    "backends_none": "没有模型服务器，无法回答任何问题。请在下方添加。",
    "backends_new": "添加服务器",
    "backends_address": "地址",
    "backends_address_hint": "例如 http://gpu-box:11434。ollama=URL 或 openai=URL 可指明类型。",
    "backends_add": "添加",
    "backends_test": "仅测试",
    "backends_look": "测试",
    "backends_pause": "暂停",
    "backends_resume": "继续",
    "backends_remove": "移除",
    "backends_added": "已添加。",
    "backends_answers": "{name} 有应答：{kind}，{count} 个模型（{models}）",
    "backends_empty": "{name} 有应答：{kind}，但还没有模型。",
    "backends_silent": "{name} 没有应答。{fault}",
}
