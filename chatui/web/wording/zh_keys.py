"""The words of the sheet of keyboard shortcuts, in Chinese."""

from __future__ import annotations

from typing import Final

KEYS: Final[dict[str, str]] = {
    "help": "键盘快捷键",
    "keys_anywhere": "任何地方",
    "keys_answer": "最新的回答",
    "keys_in_box": "输入框内",
    "keys_previous": "上一个对话",
    "keys_next": "下一个对话",
    "keys_list": "隐藏或显示对话列表",
    "keys_box": "转到输入框",
    "keys_stop": "关闭浮层或停止回答",
    "keys_copy": "复制",
    "keys_line": "换行",
}
