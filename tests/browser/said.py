"""Conversations to look at, as our own exports tell them: with everything that an answer can have in it."""

from __future__ import annotations

from typing import Any, Final

_RICH: Final = """## Three ways to sum by month

1. A **pivot table**: quick, and *nothing to write*.
2. A formula, such as `=SUMIFS(amount, month, A2)`.
3. A few lines of Python:

```python
import pandas as pd

totals = frame.groupby(frame["date"].dt.to_period("M"))["amount"].sum()  # one line that is longer than a phone is wide
print(totals)
```

| Month | Orders | Amount | Of the year |
|:--|--:|--:|--:|
| January | 1,204 | 56,310.00 | 7.4 % |
| February | 998 | 48,120.50 | 6.3 % |

> Whoever sums by month knows $\\sum_{i=1}^{n} x_i$ by heart:

$$\\bar{x} = \\frac{1}{n} \\sum_{i=1}^{n} x_i$$

```mermaid
graph LR
  A[Orders] --> B{Paid?} -->|yes| C[Sum]
  B -->|no| D[Remind]
```

See [the handbook](https://example.org/handbook). 中文也可以按月求和。
"""


def _message(key: str, parent: str | None, role: str, content: str, **also: Any) -> dict[str, Any]:
    return {"id": key, "parent": parent, "role": role, "content": content, "model": "qwen3:8b", **also}


def _chat(title: str, *messages: dict[str, Any], day: int = 20) -> dict[str, Any]:
    return {
        "format": "samovar-conversation",
        "id": title,
        "title": title,
        "model": "qwen3:8b",
        "created_at": f"2026-11-{day}T09:00:00+00:00",
        "messages": list(messages),
    }


CHATS: Final = [
    _chat(
        "Everything in one answer",
        _message("1", None, "user", "How do I sum by month?\nShow me more than one way, please."),
        _message(
            "2",
            "1",
            "assistant",
            _RICH,
            thinking="The user wants sums by month.\n\nA pivot table is the easiest; Python is the most general.",
            output_tokens=412,
            rating=1,
        ),
        day=26,
    ),
    _chat(
        "An answer that was cut",
        _message("1", None, "user", "What is a samovar?"),
        _message("2", "1", "assistant", "A samovar keeps hot all day and", state="interrupted"),
        _message("3", "2", "user", "Go on, please."),
        _message("4", "3", "assistant", "", state="failed"),
    ),
    _chat(
        "One very long word and a very long question",
        _message(
            "1", None, "user", "Donaudampfschifffahrtsgesellschaft" * 8 + "\n" + "All of it, line by line.\n" * 40
        ),
        _message("2", "1", "assistant", "`" + "x" * 300 + "`\n\n" + "https://example.org/" + "a" * 200),
    ),
    *(_chat(f"Tea, chapter {number}", _message("1", None, "user", "Tea?"), day=10 + number) for number in range(6)),
    _chat("一个很长的中文标题用来检查列表里的标题是否会被正确地截断而不会换行", _message("1", None, "user", "茶")),
]
