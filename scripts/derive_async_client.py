"""Makes ``_async_client.py`` from ``_client.py``, and its parts from theirs: the two faces are one text.

``python scripts/derive_async_client.py`` writes them; with ``--check`` it only tells whether they are up to date.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "python" / "gcrec"
SOURCES = ["_client.py", "_look.py", "_session.py"]
# What gives a stream, a context manager or a client is not awaited there.
NOT_AWAITED = {
    "from_env", "with_options", "active_calls", "events", "watch", "paused", "control_many", "ensure_many",
}  # fmt: skip
NAMES = {
    "Client": "AsyncClient",
    "Look": "AsyncLook",
    "Session": "AsyncSession",
    "Stream": "AsyncStream",
    "Bulk": "AsyncBulk",
    "PauseContext": "AsyncPause",
}


def derive(text: str) -> str:
    """The text of the asynchronous face."""
    lines = text.splitlines(keepends=True)
    for function in _methods(ast.parse(text)):
        line = function.lineno - 1
        if function.name in ("__enter__", "__exit__"):
            lines[line] = lines[line].replace("def __", "async def __a", 1)
        elif not function.name.startswith("_") and function.name not in NOT_AWAITED:
            lines[line] = lines[line].replace("def ", "async def ", 1)
    text = "".join(lines)
    text = re.sub(r"return (self\._raw\..*)\.wait\(\)$", r"return await \1", text, flags=re.MULTILINE)
    text = re.sub(r"(login\.\w+\(\))\.wait\(\)$", r"await \1", text, flags=re.MULTILINE)
    # There Rust's own context manager does, whose two ends no Ctrl-C can come between; here two coroutines.
    text = re.sub(r"return (self\._raw\.paused\(.*\))$", r"return AsyncPause(\1)", text, flags=re.MULTILINE)
    text = text.replace("BulkReport, PauseContext, ", "BulkReport, ")
    parts = "from gcrec._async_look import AsyncLook\nfrom gcrec._async_session import AsyncSession\n"
    text = text.replace("from gcrec._bulk import Bulk\n", parts + "from gcrec._bulk import Bulk\n")
    text = text.replace("from gcrec._look import Look\n", "from gcrec._pause import AsyncPause\n")
    text = text.replace("from gcrec._session import Session\n", "")
    if "ids: Iterable[str]" in text:
        text = text.replace("abc import Iterable", "abc import AsyncIterable, Iterable")
        text = text.replace("ids: Iterable[str]", "ids: Iterable[str] | AsyncIterable[str]")
    text = text.replace("Any iterable, pulled as", "Any (async) iterable, pulled as")
    text = text.replace("        self.close()\n", "        await self.close()\n")
    for name, other in NAMES.items():
        text = re.sub(rf"(?<![\w.`])({name})\b(?!Handle)", other, text)
    text = text.replace("Safe to share between threads.", "Safe to share between tasks and loops.")
    text = text.replace("of a ``with`` block", "of an ``async with`` block")
    text = text.replace("Use it as a context manager", "Use it as an ``async with`` context manager")
    script = "scripts/derive_async_client.py"
    name = re.search(r"^class (\w+)", text, flags=re.MULTILINE).group(1)
    head = f'"""``{name}``: ``{name[5:]}`` for asyncio, made from it by ``{script}``: change that one."""\n'
    return re.sub(r'\A""".*?"""\n', head, text, count=1, flags=re.DOTALL)


def _methods(module: ast.Module) -> list[ast.FunctionDef]:
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return [node for cls in classes for node in cls.body if isinstance(node, ast.FunctionDef)]


def main() -> int:
    """Writes the files, or checks them."""
    stale = 0
    for source in SOURCES:
        target = PACKAGE / f"_async{source}"
        wanted = derive((PACKAGE / source).read_text())
        if "--check" not in sys.argv:
            target.write_text(wanted)
        elif target.read_text() != wanted:
            print(f"{target.name} is not what {Path(__file__).name} makes of {source}: run it", file=sys.stderr)
            stale = 1
    return stale


if __name__ == "__main__":
    sys.exit(main())
