from __future__ import annotations

from chatui.backends.base import ModelInfo
from chatui.domain.messages import ModelName
from chatui.web.wording import wording_for

MODEL = ModelInfo(
    ModelName("qwen3:8b"),
    size_bytes=5_200_000_000,
    parameters="8B",
    quantization="Q4_K_M",
    capabilities=frozenset({"completion", "tools", "thinking"}),
)


def test_a_model_in_a_few_words() -> None:
    assert wording_for("en").model_facts(MODEL, 8192) == "8B · Q4_K_M · 5.2 GB · 8k context · thinks · uses tools"
    assert wording_for("zh").model_facts(MODEL, 8192) == "8B · Q4_K_M · 5.2 GB · 8k 上下文 · 会思考 · 可用工具"


def test_how_long_it_takes_to_have_it() -> None:
    assert wording_for("en").model_wait(58.0) == "needs about 60 s"
    assert wording_for("en").model_wait(3.4) == "needs about 3 s"
    assert wording_for("en").model_wait(None) == "not loaded"
    assert wording_for("zh").model_wait(58.0) == "约需 60 秒加载"


def test_what_does_not_fit_is_said_with_what_does() -> None:
    words = wording_for("en")
    assert words.model_tight(9_100_000_000, 8_000_000_000, None) == "It needs 9.1 GB and the machine has 8.0 GB."
    assert words.model_tight(9_100_000_000, 8_000_000_000, "q:8b-q4").endswith(": q:8b-q4 is smaller.")
