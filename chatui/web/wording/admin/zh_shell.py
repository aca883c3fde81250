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
    "shell_and": "、",
    "shell_seconds": "{seconds} 秒",
    "shell_minutes": "{minutes} 分 {seconds} 秒",
    "shell_hours": "{hours} 小时 {minutes} 分",
    "shell_rate": "{count}/秒",
    "shell_raw": "原文",
    "shell_fault_unchecked": "尚未检查。",
    "shell_fault_unreachable": "该地址没有应答：服务器已关闭、正在启动，或本机无法访问。",
    "shell_fault_deadline": "应答太慢：服务器繁忙或网络缓慢。",
    "shell_fault_misconfigured": "该地址上的不是模型服务器。",
    "shell_fault_not_found": "服务器没有所请求的内容。",
    "shell_fault_busy": "服务器目前繁忙。",
    "shell_fault_interrupted": "服务器在应答途中断开了连接。",
    "shell_fault_truncated": "服务器在应答途中断开了连接。",
    "shell_fault_invalid_reply": "无法理解服务器的应答。",
    "shell_fault_memory": "服务器内存不足。",
    "shell_fault_model_load": "服务器无法加载该模型。",
    "shell_fault_capability": "服务器不支持此操作。",
    "shell_fault_removed": "服务器已被移除。",
    "shell_fault_unknown": "服务器报告了错误。",
    "shell_nothing": "这里还没有内容。",
    "shell_offline": "与服务器的连接自 {at} 起断开，恢复后页面会自动继续。",
    "tab_overview": "总览",
}
