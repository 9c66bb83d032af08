"""Installs the built wheel on every other CPython from 3.9 up that is found here, and runs the tests on it.

Found are ``python3.N`` on the PATH and, where pyenv is used, its versions.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venvs"
OLDEST = (3, 9)
NEWEST_TRIED = 20
FACTS = """
import platform, sys, sysconfig
free_threaded = sysconfig.get_config_var("Py_GIL_DISABLED")  # cannot load what is built for the stable ABI
print("free-threaded" if free_threaded else platform.python_implementation(), *sys.version_info[:2])
"""


def candidates() -> list[Path]:
    """Everything that may be a Python."""
    names = [f"python3.{minor}" for minor in range(OLDEST[1], NEWEST_TRIED)]
    on_path = [Path(found) for found in map(shutil.which, names) if found]
    return sorted((Path.home() / ".pyenv" / "versions").glob("*/bin/python")) + on_path


def interpreters() -> dict[tuple[int, int], Path]:
    """One CPython for each version that is new enough; what cannot run is passed over."""
    found: dict[tuple[int, int], Path] = {}
    for path in candidates():
        facts = subprocess.run([str(path), "-c", FACTS], capture_output=True, text=True, check=False)
        if facts.returncode != 0:
            continue
        name, major, minor = facts.stdout.split()
        version = (int(major), int(minor))
        if name == "CPython" and version >= OLDEST:
            found.setdefault(version, path)
    return found


def test(version: tuple[int, int], interpreter: Path, wheel: Path) -> bool:
    """Makes an environment of its own and runs the tests in it."""
    environment = ENVIRONMENTS / f"{version[0]}.{version[1]}"
    python = str(environment / "bin" / "python")
    install = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--disable-pip-version-check"]
    steps = [
        # Without ensurepip, which Debian's CPython lacks: the pip of this Python serves that one.
        [str(interpreter), "-m", "venv", "--clear", "--without-pip", str(environment)],
        [*install, str(wheel), "-r", str(ROOT / "tests" / "requirements.txt")],
        # The official SDKs judge the simulator, which is the same for all. Side by side: the tests mostly wait.
        [python, "-m", "pytest", "--ignore", "tests/truth", "--numprocesses", "2"],
    ]
    return all(subprocess.run(step, cwd=ROOT, check=False).returncode == 0 for step in steps)


def main() -> int:
    """Gives 1 if the tests fail on any version."""
    [wheel] = (ROOT / "dist").glob("*.whl")
    failed = []
    for version, interpreter in sorted(interpreters().items()):
        if version == sys.version_info[:2]:
            continue  # that one runs them in .venv
        print(f"== CPython {version[0]}.{version[1]}", flush=True)
        if not test(version, interpreter, wheel):
            failed.append(version)
    for version in failed:
        print(f"the tests failed on CPython {version[0]}.{version[1]}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
