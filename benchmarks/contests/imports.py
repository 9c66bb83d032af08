"""What `import X` adds to bare Python: time on the wall, and the peak of memory."""

from __future__ import annotations

import time
from functools import partial
from typing import Callable

from lab.processes import figures
from lab.setup import PYTHON
from lab.table import columns, median, spread

from contests import Bench, Contest, Figures, Rounds

BARE = "bare Python"
# The peak as the kernel keeps it for this program alone. getrusage would report the peak of the process that started
# it, if that was larger: Linux hands it down through fork and exec.
TELL_PEAK = """
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
except OSError:
    import resource, sys
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1)
print('{"peak_kib": %d}' % peak)
"""


def start(statement: str) -> Figures:
    """One start of Python."""
    began = time.perf_counter()
    result = figures([str(PYTHON), "-I", "-c", statement + TELL_PEAK])
    return {**result, "seconds": time.perf_counter() - began}


def contestants(_: Bench) -> dict[str, Callable[[], Figures]]:
    """Each is started as often as bare Python, in the same rounds."""
    modules = ("gcrec", "asyncio", "requests", "httpx", "aiohttp", "pyreqwest")
    return {BARE: partial(start, "pass"), **{name: partial(start, f"import {name}") for name in modules}}


def table(rounds: Rounds) -> list[str]:
    """The difference to bare Python, round by round."""
    bare = rounds.pop(BARE)
    lines = [("contestant", "adds ms (min - max)", "adds MiB")]
    for name, measured in rounds.items():
        slower = [1e3 * (one["seconds"] - base["seconds"]) for one, base in zip(measured, bare)]
        larger = [(one["peak_kib"] - base["peak_kib"]) / 1024 for one, base in zip(measured, bare)]
        lines.append((name, spread(slower), f"{median(larger):.1f}"))
    return columns(lines)


IMPORT = Contest(
    "import: what `import X` adds to a start of bare Python; the goal is under 10 ms and 8 MiB",
    contestants,
    table,
    rounds_factor=5,
)
