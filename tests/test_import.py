"""`import gcrec` is cheap: no asyncio, no dataclasses, no typing, no thread; and it exports what it promises."""

from __future__ import annotations

import subprocess
import sys

import pytest

import gcrec


def run(code: str) -> str:
    """A fresh interpreter, without site-packages' start-up files that import half the library."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=15)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


HEAVY = ["asyncio", "dataclasses", "typing", "json", "ssl", "socket", "logging", "inspect", "concurrent.futures"]


@pytest.mark.parametrize("module", HEAVY)
def test_what_the_import_leaves_alone(module: str) -> None:
    """Compared with a bare interpreter: .pth files of other packages may have imported it before us."""
    code = (
        f"import sys; before = {module!r} in sys.modules; import gcrec; print(before or {module!r} not in sys.modules)"
    )
    assert run(code) == "True"


def test_no_thread_is_started() -> None:
    """A fork right after the import must find one thread."""
    code = "import os, gcrec; print(len(os.listdir('/proc/self/task')))"
    assert run(code) == "1"


def test_nothing_reads_the_environment_at_import() -> None:
    """Nonsense in a variable is an error of the call that uses it, not of the import."""
    assert run("import os; os.environ['GCREC_API'] = 'nonsense'; import gcrec; print('fine')") == "fine"


def test_a_refusal_needs_neither_thread_nor_asyncio() -> None:
    """What is refused before any request costs nothing either."""
    code = (
        "import os, sys, gcrec\n"
        "try: gcrec.control_recording('t', 'http://127.0.0.1:1', 'x', 'restart')\n"
        "except ValueError: print(len(os.listdir('/proc/self/task')), 'asyncio' in sys.modules)"
    )
    assert run(code) == "1 False"


FUNCTIONS = ["get_access_token", "get_active_voice_call", "control_recording", "check_recording_status"]
ERRORS = [
    "GcrecError",
    "ConfigError",
    "InvalidActionError",
    "InvalidIdError",
    "TransportError",
    "ConnectError",
    "RequestTimeoutError",
    "TlsError",
    "ApiError",
    "AuthenticationError",
    "BadRequestError",
    "PermissionDeniedError",
    "NotFoundError",
    "RecordingConflictError",
    "RateLimitError",
    "ServerError",
    "DecodeError",
]


@pytest.mark.parametrize("name", [*FUNCTIONS, *(f"{name}_async" for name in FUNCTIONS), *ERRORS, "__version__"])
def test_the_promised_names_are_exported(name: str) -> None:
    """`from gcrec import *` and type checkers both go by __all__."""
    assert name in gcrec.__all__
    assert hasattr(gcrec, name)


def test_all_names_only_what_exists() -> None:
    """Sorted, unique, and each resolvable: a star import must not fail."""
    assert sorted(set(gcrec.__all__)) == sorted(gcrec.__all__)
    assert all(hasattr(gcrec, name) for name in gcrec.__all__)
    public = {
        name for name in vars(gcrec) if not name.startswith("_") and not isinstance(getattr(gcrec, name), type(sys))
    }
    assert public - {"annotations"} <= set(gcrec.__all__) | {"TYPE_CHECKING"}
