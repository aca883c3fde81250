"""What every page of the admin's says, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "shell_pages": "管理页面",
    "shell_saved": "已保存，立即生效。",
    "shell_from_default": "应用默认值",
    "shell_from_environment": "来自环境变量",
    "shell_from_flag": "来自启动参数",
    "shell_from_stored": "在此设置",
    "shell_yes": "是",
    "shell_no": "否",
    "shell_raw": "原文",
    "shell_nothing": "这里还没有内容。",
    "shell_offline": "与服务器的连接自 {at} 起断开，恢复后页面会自动继续。",
    "tab_overview": "总览",
}
