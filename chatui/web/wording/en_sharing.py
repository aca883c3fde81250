"""The words about sharing inside the team, in English."""

from __future__ import annotations

from typing import Final

SHARING: Final[dict[str, str]] = {
    "share": "Share with the team",
    "share_on": "Shared with the team",
    "share_short": "Shared",
    "share_text": "Everybody who is signed in here can read this chat and finds it under “Shared chats”.",
    "share_see": "They see what you see: the version that is shown, and whatever is added later, while it is written.",
    "share_not": "They cannot change it, and do not see your other versions, your ratings or how it answers.",
    "share_start": "Share",
    "share_link": "Link",
    "share_copy": "Copy the link",
    "share_stop": "Stop sharing",
    "share_stop_fact": "The link leads nowhere from that moment on, also for who has it open.",
    "shared_open": "Shared chats ({count})",
    "shared_close": "Shared chats",
    "shared_empty": "Nobody shares a chat at the moment.",
    "shared_others": "{title}, shared by {name}",
    "reading_sign": "{name} shares this chat. You can read it, also what is added.",
    "reading_copy": "Go on in a copy of your own",
    "withdrawn": "This chat is no longer shared.",
    "copied_chat": "This copy is your own: what you ask here only you can see.",
    "viewer_heading": "You can read what the team shares",
    "viewer_note": "Your account is for reading: it asks nothing.",
}
