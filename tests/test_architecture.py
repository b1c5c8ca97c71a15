"""What the layout promises, measured on the code itself; import-linter holds the layers in `make check`."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from fooo.settings import ROOT

PACKAGE = ROOT / "fooo"
MODULES = sorted(PACKAGE.rglob("*.py"))


def run(code: str) -> str:
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return result.stdout


@pytest.mark.parametrize("names", ["fooo", "fooo.service, fooo.plan, fooo.record, fooo.engine, fooo.interface.cli"])
def test_thinking_is_imported_without_torch(names: str):
    heavy = run(
        f"import sys, {names}; print([m for m in ('torch', 'diffusers', 'transformers', 'gradio') if m in sys.modules])"
    )
    assert heavy.strip() == "[]"


def test_building_the_program_imports_no_torch_and_no_page():
    code = (
        "import sys; from fooo.app import build; build(); print([m for m in ('torch', 'gradio') if m in sys.modules])"
    )
    assert run(code).strip() == "[]"


def test_import_fooo_takes_less_than_300_ms():
    code = "import time; t = time.perf_counter(); import fooo; print(time.perf_counter() - t)"
    assert any(float(run(code)) < 0.3 for _ in range(5))


def test_importing_the_light_modules_starts_no_thread_and_writes_nothing(tmp_path: Path):
    code = "import threading, os; import fooo.app, fooo.interface.cli; print(threading.active_count(), os.listdir('.'))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert result.stdout.strip() == "1 []"


def test_no_file_is_longer_than_400_lines_and_no_folder_wider_than_12_files():
    long = {
        str(path.relative_to(ROOT)): lines for path in MODULES if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}
    folders = {path.parent for path in MODULES} - {PACKAGE}
    wide = {
        str(f.relative_to(ROOT)): n
        for f in folders
        if (n := len([*f.glob("*.py")]) - (f / "__init__.py").exists()) > 12
    }
    assert wide == {}


def test_there_is_no_eval_exec_pickle_or_global_state():
    forbidden_calls, forbidden_imports = (
        {"eval", "exec", "compile", "__import__"},
        {"pickle", "marshal", "shelve", "dill"},
    )
    found: list[str] = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            match node:
                case ast.Call(func=ast.Name(id=name)) if name in forbidden_calls:
                    found.append(f"{where} {name}()")
                case ast.Import(names=names) if {each.name.split(".")[0] for each in names} & forbidden_imports:
                    found.append(f"{where} import")
                case ast.ImportFrom(module=module) if module and module.split(".")[0] in forbidden_imports:
                    found.append(f"{where} import")
                case ast.Global():
                    found.append(f"{where} global")
                case _:
                    pass
    assert found == []


def test_one_broad_except_in_the_service_and_nowhere_else():
    broad = [
        path.relative_to(PACKAGE).as_posix()
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    ]
    assert broad == ["service/guarded.py"]
