"""The words around the library of prompts, in Chinese."""

from __future__ import annotations

from typing import Final

from chatui.conversations.prompt import LONGEST_NAME as LONGEST_PROMPT_NAME
from chatui.conversations.prompt import LONGEST_TEXT as LONGEST_PROMPT
from chatui.conversations.prompt import MOST_OWN, MOST_SHARED, PromptFlaw

PROMPT_FLAWS: Final[dict[str, str]] = {
    PromptFlaw.NO_NAME: "请给提示词起个名字。",
    PromptFlaw.NAME_TOO_LONG: f"提示词的名字最多 {LONGEST_PROMPT_NAME} 个字符。",
    PromptFlaw.NAME_TAKEN: "已经有同名的提示词，请换一个名字。",
    PromptFlaw.NO_TEXT: "请写下提示词的内容。",
    PromptFlaw.TEXT_TOO_LONG: f"提示词最多 {LONGEST_PROMPT:,} 个字符。",
    PromptFlaw.TOO_MANY: f"已经有 {MOST_OWN} 条提示词，请先删除一条。",
    PromptFlaw.TOO_MANY_SHARED: f"团队已经有 {MOST_SHARED} 条提示词，请先删除一条。",
    PromptFlaw.UNREADABLE: "这个文件不是提示词列表：每一条都需要名字和内容。",
}

PROMPTS: Final[dict[str, str]] = {
    # The library.
    "prompts": "提示词",
    "prompts_own": "我的",
    "prompts_team": "团队的",
    "prompts_none": "还没有提示词。经常要问的内容可以起个名字存在这里。",
    "prompts_search": "查找提示词",
    "prompts_search_none": "没有包含“{text}”的提示词。",
    "prompts_hint": "在输入框的行首输入 / 也能打开。",
    "prompt_new": "新建提示词",
    "prompt_change": "修改提示词",
    "prompt_use": "使用提示词 {name}",
    "prompt_edit": "修改 {name}",
    "prompt_delete": "删除 {name}",
    "prompt_deleted": "提示词“{name}”已删除。",
    "prompt_by": "来自 {author}",
    "prompt_name": "名称",
    "prompt_text": "内容",
    "prompt_text_hint": "使用时会询问 {one}；{other} 也会询问，并预先填好冒号后的内容。",
    "prompt_example": "主题",
    "prompt_example_begun": "语言:中文",
    "prompt_share": "展示给整个团队",
    # What has to be filled in.
    "fill_insert": "放入输入框",
    # The menu behind the slash.
    "slash_menu": "提示词和命令",
    "slash_count": "有 {count} 项可选",
    "slash_library": "所有提示词、新建提示词",
    "slash_export": "导出此对话",
    "slash_model": "选择模型",
}
