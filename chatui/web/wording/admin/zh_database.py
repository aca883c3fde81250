"""The words of the page of the database, in Chinese."""

from __future__ import annotations

from typing import Final

WORDS: Final[dict[str, str]] = {
    "tab_database": "数据库",
    "database_health": "状态",
    "database_file": "文件",
    "database_log_file": "写入日志",
    "database_unused": "文件内空闲",
    "database_schema": "结构版本",
    "database_rows": "内容",
    "database_table": "表",
    "database_count": "行数",
    "database_check": "检查数据库",
    "database_check_text": "读取整个文件，应用照常运行。",
    "database_whole": "数据库完好。",
    "database_is_damaged": "数据库已损坏。请恢复下方最新的备份，并重新启动应用。",
    "database_backups": "备份",
    "database_text": "最新的五份保存在数据库旁。每份都包含全部内容，也包括所有人的对话：下载后请妥善保管。",
    "database_next": "下一次备份：{at}。",
    "database_no_next": "没有定时备份。",
    "database_change": "更改间隔",
    "database_make": "立即备份",
    "database_done_made": "备份已完成。",
    "database_done_given_up": "不会恢复任何备份。",
    "database_when": "时间",
    "database_why": "原因",
    "database_why_clock": "定时",
    "database_why_hand": "手动",
    "database_why_console": "在控制台",
    "database_why_upgrade": "升级之前",
    "database_why_replaced": "恢复时被替换的数据库",
    "database_why_unknown": "由较早版本生成",
    "database_size": "大小",
    "database_too_new": "{revision}，来自更新的版本",
    "database_unreadable": "无法读取",
    "database_acts": "可用操作",
    "database_take": "下载",
    "database_restore": "恢复",
    "database_sure": (
        "应用下次启动时，一切将回到 {at} 的状态：对话、人员、密码、密钥和设置。所有人需要重新登录。"
        "目前的内容会保留，可用同样方式恢复，直到再恢复三次为止。"
    ),
    "database_restore_yes": "下次启动时恢复",
    "database_prepared": (
        "{name} 已通过检查，将在应用下次启动时取代当前数据库。在此之前一切照常，此间新增的内容不在该备份中。"
    ),
    "database_give_up": "取消恢复",
    "database_restored": "本次启动恢复了 {name}。之前的数据库保存为 {replaced}。",
    "database_none": "还没有备份。",
    "database_age_now": "刚刚",
    "database_age_minutes": "{count} 分钟前",
    "database_age_hours": "{count} 小时前",
    "database_age_days": "{count} 天前",
    "database_flaw_damaged": "此文件已损坏，未作任何更改。请选择其他备份。",
    "database_flaw_newer": "此备份来自更新版本的应用，未作任何更改。请先安装该版本。",
    "database_flaw_full": "磁盘已满，未作任何更改。请腾出空间后再试。",
    "database_flaw_read_only": "数据目录无法写入，未作任何更改。",
    "database_flaw_slow": "数据库过大，无法在使用期间检查。",
    "database_flaw_other": "无法完成此操作，未作任何更改。",
    "did_backup_made": "进行备份",
    "did_backup_taken": "下载备份",
    "did_restore_prepared": "选择在下次启动时恢复备份",
    "did_restore_given_up": "取消恢复",
    "did_restored": "数据库已从备份恢复",
}
