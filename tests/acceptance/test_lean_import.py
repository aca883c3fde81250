"""How the app imports Gradio: without what no page needs, and so that everything is still there for who asks for it."""

from __future__ import annotations

import subprocess
import sys

from tests.support.app import ROOT

SCRIPT = """
import sys
from chatui.web.lean_gradio import import_lean

server = import_lean("chatui.web.server")
assert server.__name__ == "chatui.web.server" and callable(server.build_app)
assert "gradio" in sys.modules
assert "pandas.core" not in sys.modules, "something asks pandas for more than its name"
assert not any(type(finder).__module__ == "chatui.web.lean_gradio" for finder in sys.meta_path)

from gradio import caching, component_meta
component_meta.create_or_modify_pyi(object, "object", [])
assert caching.pd.DataFrame({"cup": [1, 2]}).shape == (2, 1)

import pandas
assert pandas.DataFrame is caching.pd.DataFrame
assert pandas.__version__
"""


def test_the_app_begins_without_gradio_which_is_imported_beside_all_else() -> None:
    script = "import sys, chatui.application; assert 'gradio' not in sys.modules"
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_the_app_imports_gradio_without_stub_files_and_without_pandas() -> None:
    ran = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
