"""What the tests of the bridge share: the shortest way to make a call, and processes to make it in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import gcrec


def call(server, conversation_id="c", **options):
    return gcrec.control_recording("token", server.url, conversation_id, "start", **options)


def call_async(server, conversation_id="c", **options):
    return gcrec.control_recording_async("token", server.url, conversation_id, "start", **options)


def operation(server, conversation_id="c"):
    """The same call as a value, before a face is chosen."""
    return gcrec._gcrec.control_recording("token", server.url, conversation_id, "start", 30.0, 3, "auto", None)


def python(script, *arguments, **options):
    """Starts a script in an interpreter of its own."""
    command = [sys.executable, "-X", "faulthandler", "-c", script, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def exit_code_of(child):
    """Waits for a forked child: its exit code, negative for a signal."""
    _, status = os.waitpid(child, 0)
    return -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def forked(child_main):
    """Runs a function in a forked child; the exit code says whether it came to its end."""
    child = os.fork()
    if child == 0:
        code = 99
        try:
            signal.alarm(30)  # a hang shows as -SIGALRM and does not outlive the test
            child_main()
            code = 0
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(code)
    return exit_code_of(child)
