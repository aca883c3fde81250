"""The words of the system page, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_system": "系统",
    "system_machine": "机器",
    "system_memory_free": "可用内存",
    "system_disk_free": "磁盘可用",
    "system_of": "共 {total}",
    "system_app_memory": "本应用占用",
    "system_load": "负载（1 分钟）",
    "system_versions": "版本",
    "system_log": "日志",
    "system_log_none": "启动以来没有此类记录。",
    "system_level": "级别",
    "system_level_info": "全部",
    "system_level_warning": "警告",
    "system_level_error": "错误",
    "system_show": "显示",
    "system_when": "时间",
    "system_what": "内容",
    "system_where": "部分",
    "system_diagnostics": "诊断",
    "system_diagnostics_text": "供协助者使用的文件：版本、设置、数据、失败与日志。不含密码、密钥、姓名或对话。",
    "system_download": "下载",
}
