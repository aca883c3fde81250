"""The words about sharing inside the team, in Chinese."""

from __future__ import annotations

from typing import Final

SHARING: Final[dict[str, str]] = {
    "share": "与团队共享",
    "share_on": "已与团队共享",
    "share_short": "已共享",
    "share_text": "所有已登录的人都能阅读此对话，并可在“共享的对话”中找到它。",
    "share_see": "他们看到的与您看到的相同：当前显示的版本，以及之后新增的内容，包括正在生成的回答。",
    "share_not": "他们不能更改此对话，也看不到您的其他版本、评价和回答方式设置。",
    "share_start": "共享",
    "share_link": "链接",
    "share_copy": "复制链接",
    "share_stop": "停止共享",
    "share_stop_fact": "链接立即失效，已打开此对话的人也不能再阅读。",
    "shared_open": "共享的对话（{count}）",
    "shared_close": "共享的对话",
    "shared_empty": "目前没有人共享对话。",
    "shared_others": "{title}，由 {name} 共享",
    "reading_sign": "{name} 共享了此对话。您可以阅读，包括之后新增的内容。",
    "reading_copy": "复制为自己的对话并继续",
    "withdrawn": "此对话已停止共享。",
    "copied_chat": "这是您自己的副本：您在这里的提问只有您能看到。",
    "viewer_heading": "您可以阅读团队共享的对话",
    "viewer_note": "您的账户仅供阅读，不能提问。",
}
