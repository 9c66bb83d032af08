"""Sets up all that is measured: a virtual environment with gcrec and its peers, and the Rust programs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent.parent
ROOT = HERE.parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
# The environment is made anew when this changes.
PEERS = ("requests", "httpx", "aiohttp", "pyreqwest", "pyqwest", "urllib3")


class Setup(NamedTuple):
    """What is there to be measured."""

    versions: dict[str, str]
    programs: dict[str, Path]
    missing: list[str]


def prepare(wheel: Path | None, contests: Iterable[str]) -> Setup:
    """Builds and installs what these contests need. Only gcrec and the server are a must."""
    say("setting up")
    if not PYTHON.exists():
        make_environment()
    pip("--force-reinstall", "--no-deps", str(wheel or newest_wheel()), fatal=True)
    # One by one: a peer that has no wheel for this Python must not take the others with it.
    missing = [peer for peer in PEERS if not pip(peer)]
    programs = rust_programs()
    if "bridge" in contests and not stock_bridge():
        missing.append("stock_bridge")
    return Setup(versions(), programs, missing)


def make_environment() -> None:
    """Debian's CPython may come without ensurepip: then virtualenv makes the environment."""
    if subprocess.run([sys.executable, "-m", "venv", str(VENV)]).returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--user", "virtualenv"], check=True)
        subprocess.run([sys.executable, "-m", "virtualenv", "--quiet", str(VENV)], check=True)


def newest_wheel() -> Path:
    """What `make` has built."""
    wheels = sorted((ROOT / "dist").glob("gcrec-*.whl"), key=lambda path: path.stat().st_mtime)
    if not wheels:
        sys.exit("There is no wheel in dist/: run `make bench`, or name one with --wheel.")
    return wheels[-1]


def pip(*arguments: str, fatal: bool = False) -> bool:
    """Installs, in silence unless it fails."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode and fatal:
        sys.exit(done.stdout)
    return not done.returncode


def rust_programs() -> dict[str, Path]:
    """Builds the server and the floor as the wheel is built; gives where they are, by name."""
    command = ["cargo", "bench", "--no-run", "--quiet", "--locked", "--message-format", "json"]
    features = ["--no-default-features", "--features", "sim", "--bench", "server", "--bench", "floor"]
    done = subprocess.run(command + features, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    messages = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    built = [m for m in messages if m.get("executable") and "bench" in m["target"]["kind"]]
    return {m["target"]["name"]: Path(m["executable"]) for m in built}


def stock_bridge() -> bool:
    """Builds and installs the crate with the stock bridge, over the same target directory: it shares dependencies."""
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target"))
    wheels = Path(target) / "stock_bridge"
    shutil.rmtree(wheels, ignore_errors=True)
    manifest = HERE / "stock_bridge" / "Cargo.toml"
    # Both sides must run the same reqwest and tokio: cargo keeps what the lock says and only adds what is missing.
    shutil.copy(ROOT / "Cargo.lock", manifest.parent)
    build = ["-m", "maturin", "build", "--quiet", "--release", "-m", str(manifest), "--out", str(wheels)]
    if not pip("maturin>=1.9.4,<2"):
        return False
    if subprocess.run([str(PYTHON), *build, "--target-dir", target]).returncode:
        return False
    return pip("--force-reinstall", "--no-deps", *map(str, wheels.glob("*.whl")))


def versions() -> dict[str, str]:
    """What was installed."""
    listed = subprocess.run([str(PYTHON), "-m", "pip", "list", "--format", "json"], stdout=subprocess.PIPE, check=True)
    installed = {package["name"].lower(): package["version"] for package in json.loads(listed.stdout)}
    return {name: installed[name] for name in ("gcrec", *PEERS) if name in installed}


def say(text: str) -> None:
    """Progress, which is no part of the result."""
    print(f"[{text}]", file=sys.stderr, flush=True)
