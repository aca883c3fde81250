"""Formulas are drawn, prices are not formulas, and nothing of a formula leaves its place."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatui.web.formulas import Formulas
from chatui.web.markdown import Markdown

MARKDOWN = Markdown()
SQUARE = "<msup><mi>x</mi><mn>2</mn></msup>"
INLINE = f"<math>{SQUARE}</math>"
DISPLAYED = f'<math display="block">{SQUARE}</math>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("so $x^2$ it is", f"<p>so {INLINE} it is</p>\n"),
        (r"so \(x^2\) it is", f"<p>so {INLINE} it is</p>\n"),
        (r"so \[x^2\] it is", f"<p>so {DISPLAYED} it is</p>\n"),
        ("so $$x^2$$ it is", f"<p>so {DISPLAYED} it is</p>\n"),
        ("$$x^2$$ it is", f"<p>{DISPLAYED} it is</p>\n"),
        ("$$x^2$$", f"<div>{DISPLAYED}</div>\n"),
        ("so\n$$\nx^2\n$$\nit is", f"<p>so</p>\n<div>{DISPLAYED}</div>\n<p>it is</p>\n"),
        ("\\[\nx^2\n\\]", f"<div>{DISPLAYED}</div>\n"),
        ("- so\n\n  $$\n  x^2\n  $$\n", f"<ul>\n<li>\n<p>so</p>\n<div>{DISPLAYED}</div>\n</li>\n</ul>\n"),
        ("> $$\n> x^2\n> $$", f"<blockquote>\n<div>{DISPLAYED}</div>\n</blockquote>\n"),
        ("**$x^2$**", f"<p><strong>{INLINE}</strong></p>\n"),
        (
            "$\\cancel{x^2}$",
            f'<p><math><menclose notation="updiagonalstrike">{SQUARE}<mrow></mrow></menclose></math></p>\n',
        ),
    ],
)
def test_formulas_are_drawn(text: str, html: str) -> None:
    assert MARKDOWN.render(text) == html


@pytest.mark.parametrize(
    "source",
    [
        r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
        r"\sum_{i=1}^{n} i = \frac{n(n+1)}{2}",
        r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
        r"\begin{aligned} a &= b + c \\ &= d \end{aligned}",
        r"\begin{bmatrix} 1 & 0 \\ 0 & 1 \end{bmatrix}",
        r"f(x) = \begin{cases} 1 & \text{if } x > 0 \\ 0 & \text{otherwise} \end{cases}",
        r"\lim_{h \to 0} \frac{f(x+h) - f(x)}{h}",
        r"\mathbf{v} \cdot \vec{w} = \lVert v \rVert \cos\theta",
        r"P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}",
        r"a \equiv b \pmod{n}",
    ],
)
def test_what_people_ask_for_can_be_read(source: str) -> None:
    assert "<math" in MARKDOWN.render(f"$${source}$$")


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 and $10.",
        "from $5-$10, or $5/$10",
        "$5, or 10$ each",
        "between $1,000 to $2,000",
        "US$5 and US$6",
        "3$ or 4$",
        "$20B vs $30B, ($5) and ($6)",
        "$HOME/$USER and $PATH",
        "a $ b $ c",
        "`$x$` and `\\(x\\)`",
        "\\$x\\$",
        "$$",
        "$$\n\n$$",
        r"\(\)",
    ],
)
def test_prices_and_variables_are_none(text: str) -> None:
    assert "<math" not in MARKDOWN.render(text)


@pytest.mark.parametrize(
    "source", [r"\nothing{x}", r"\frac{1}", "{", r"\def\a{x}\a", r"\newcommand{\a}{\a\a}\a", "x" * 4_001, "{" * 400]
)
def test_what_cannot_be_read_stays_as_it_was_typed(source: str) -> None:
    assert Formulas().html(source, displayed=True) is None
    assert MARKDOWN.render(f"so $${source}$$ it is").startswith("<p>so $$")


def test_the_lines_of_one_that_cannot_be_read_stay_lines() -> None:
    assert MARKDOWN.render("$$\n\\nothing <b>\n$$") == "<p>$$<br>\n\\nothing &lt;b&gt;<br>\n$$</p>\n"


def test_what_is_near_keeps_its_lengths() -> None:
    assert '<mspace width="0.16666667em">' in MARKDOWN.render(r"$a\,b$")
    assert '<mtd style="border-right:0.05em solid currentcolor">' in MARKDOWN.render(
        r"$\begin{array}{c|c} a & b\end{array}$"
    )


@pytest.mark.parametrize("far", [r"\hspace{-9em}x", r"\kern-50em x", r"\hspace{99em}x", r"\raisebox{50em}{x}"])
def test_nothing_is_moved_over_what_stands_around_it(far: str) -> None:
    html = MARKDOWN.render(f"${far}$")
    assert "<math" in html
    assert not re.search(r"-[1-9]|\d{2}", html)


@given(st.text(alphabet=st.sampled_from(r"\{}^_$&<>()[]abcfrlt12 " + "\n"), max_size=60))
def test_whatever_is_typed_becomes_nothing_but_formulas(source: str) -> None:
    html = MARKDOWN.render(f"$${source}$$")
    assert not re.search(r"<(?!/?(a|b|blockquote|br|code|del|div|em|h\d|hr|i|li|m[a-z]+|ol|p|pre|strong|ul)\b)", html)


def test_the_deepest_ones_that_are_tried_leave_room_on_a_small_stack() -> None:
    steps = ["{", r"\sqrt", r"\frac1", "x^{", r"\left(", r"\displaystyle ", r"\color{red}", r"\phantom{", r"\sqrt["]
    program = "\n".join(
        [
            "import resource, threading",
            "from chatui.web.formulas import Formulas",
            f"tries = [step * 300 for step in {steps!r}]",
            "threading.stack_size(1 << 20)",
            "thread = threading.Thread(target=lambda: [Formulas().html(t, displayed=True) for t in tries])",
            "thread.start(); thread.join(); print('well')",
        ]
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (0, "well\n"), ran.stderr
