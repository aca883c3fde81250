"""Diagrams that try to do harm, as they stand in a block of Mermaid."""

from __future__ import annotations

from collections.abc import Sequence

_IMAGE = "<img src=x onerror=alert(1)>"
_SCRIPT = "<script>alert(1)</script>"
_EVIL = "https://evil.example/x"
_FLOW = "graph TD; A-->B"


def _init(directive: str, diagram: str = _FLOW) -> str:
    return f"%%{{init: {directive}}}%%\n{diagram}"


DIAGRAMS: Sequence[str] = (
    f'{_FLOW}; click A "javascript:alert(1)"',
    f'{_FLOW}; click A href "{_EVIL}" _blank',
    f"{_FLOW}; click A call alert(1)",
    f"{_FLOW}; click A alert",
    f'graph TD; A["{_IMAGE}"]-->B["{_SCRIPT}"]',
    f'graph TD; A["<iframe srcdoc={_SCRIPT}>"]-->B',
    f'graph TD; A["<{_IMAGE}"]-->B',
    'graph TD; A["<br onload=alert(1)><svg onload=alert(1)>"]-->B',
    'graph TD; A["`**b** <a href=javascript:alert(1)>x</a>`"]-->B',
    f'graph TD; A["[x](javascript:alert(1)) ![]({_EVIL})"]-->B',
    f'graph TD; A@{{ img: "{_EVIL}", label: "x", pos: "t", w: 60, h: 60 }}',
    'graph TD; A@{ icon: "fa:user", form: "square", label: "x" }',
    f"{_FLOW}; style A fill:url({_EVIL})",
    f"{_FLOW}; classDef e fill:url({_EVIL}),background:url({_EVIL}); class A e",
    _init('{"securityLevel": "loose", "htmlLabels": true}', f'graph TD; A["{_IMAGE}"]-->B'),
    _init(f'{{"themeCSS": "*{{background:url({_EVIL})}} @import url({_EVIL})"}}'),
    _init(f'{{"themeVariables": {{"primaryColor": "url({_EVIL})"}}, "fontFamily": "x;}}*{{color:red"}}'),
    _init('{"dompurifyConfig": {"ADD_TAGS": ["script"]}, "secure": []}', f'graph TD; A["{_SCRIPT}"]'),
    _init('{"__proto__": {"x": 1}, "constructor": {"prototype": {"y": 1}}}'),
    f"---\nconfig:\n  securityLevel: loose\n  themeCSS: '*{{background:url({_EVIL})}}'\n---\n{_FLOW}",
    f'sequenceDiagram\n link A: x @ javascript:alert(1)\n links A: {{"x": "{_EVIL}"}}\n A->>B: {_IMAGE}',
    f'classDiagram\n class A\n click A href "javascript:alert(1)"\n A : {_IMAGE}',
    'gantt\n section S\n t :a, 2024-01-01, 1d\n click a href "javascript:alert(1)"\n click a call alert(1)',
    f"journey\n title {_SCRIPT}\n section {_IMAGE}\n  x: 5: <svg onload=alert(1)>",
    f'pie title </title>{_SCRIPT}\n "{_IMAGE}" : 3',
    f"mindmap\n root(({_IMAGE}))\n  A::icon(fa fa-book)\n  B<br/>C",
    f"stateDiagram-v2\n [*] --> A : {_IMAGE}\n note right of A\n {_SCRIPT}\n end note",
    f'erDiagram\n A ||--o{{ B : "{_IMAGE}"',
    f'C4Context\n Person(a, "{_IMAGE}", "x", $link="javascript:alert(1)", $sprite="{_EVIL}")',
    "graph TD; " + "; ".join(f"A{number}-->B" for number in range(400)),
    "graph TD; A--",
)
