"""The ``gcrec`` command: hands its arguments to Rust."""

from __future__ import annotations

import sys

from gcrec import _gcrec


def main() -> int:
    """Runs the command with the arguments of this process.

    Returns:
        The exit code: 0 done, 1 failed, 2 usage, 3 nothing to act on, 4 not proven in time, 5 some of many failed, 130
        interrupted.
    """
    return _gcrec.main(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
