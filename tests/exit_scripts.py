"""Scripts that end in every way an interpreter can, each with the exit code that it asks for.

``URL`` names a server where conversations that start with ``hang`` get no answer. Standard error has to stay empty, but
for the scripts that raise.
"""

from __future__ import annotations

import sys

SETUP = """
import asyncio, atexit, os, sys, threading, time, warnings
warnings.simplefilter("ignore")  # of loops that are left open on purpose
URL = sys.argv[1]
def call(conversation_id="c"):
    import gcrec
    return gcrec.control_recording("token", URL, conversation_id, "start")
async def call_async(conversation_id="c"):
    import gcrec
    return await gcrec.control_recording_async("token", URL, conversation_id, "start")
async def many(count=20, conversation_id="c"):
    return await asyncio.gather(*[call_async(conversation_id) for _ in range(count)])
def daemons(work, count=4):
    for _ in range(count):
        threading.Thread(target=work, daemon=True).start()
def forever(work):
    def loop():
        while True:
            work()
    return loop
def refused():
    import gcrec
    try:
        gcrec.control_recording("token", URL, "c", "no such action")
    except ValueError:
        pass
"""

# Everything is told, to a file.
LOGGING = "import logging\nlogging.basicConfig(level=1, filename=os.devnull)\n"

# name: (script, exit code)
SCRIPTS = {
    "nothing called": ("import gcrec", 0),
    "all awaited": ("asyncio.run(many())", 0),
    "sync only": ("call()", 0),
    "both faces": ("call(); asyncio.run(many()); call()", 0),
    "in flight when main ends": (
        (
            "loop = asyncio.new_event_loop()\ntask = loop.create_task(many(20, 'hang'))\n"
            "loop.run_until_complete(call_async())"
        ),
        0,
    ),
    "answers come when main has ended": (
        (
            "loop = asyncio.new_event_loop()\ntask = loop.create_task(many(100))\n"
            "loop.run_until_complete(asyncio.sleep(0))"
        ),
        0,
    ),
    "asyncio.run with tasks pending": (
        (
            "async def main():\n    tasks = [asyncio.ensure_future(many(20, 'hang'))]\n    await call_async()\n"
            "asyncio.run(main())"
        ),
        0,
    ),
    "daemon threads that hang": ("daemons(lambda: call('hang'))\ncall()", 0),
    "daemon threads with quick calls": ("daemons(forever(call))\ncall()", 0),
    "daemon threads with refused calls": ("daemons(forever(refused))\ncall()\ntime.sleep(0.02)", 0),
    "loop in a daemon thread, in flight": ("daemons(lambda: asyncio.run(many(20, 'hang')), 1)\ncall()", 0),
    "loops in daemon threads with quick calls": ("daemons(forever(lambda: asyncio.run(many(5))), 2)\ncall()", 0),
    "one loop in a daemon thread with quick calls": (
        (
            "async def main():\n    while True:\n        await many(5)\n"
            "daemons(lambda: asyncio.run(main()), 1)\ncall()\ntime.sleep(0.02)"
        ),
        0,
    ),
    "daemon threads, both faces": ("daemons(forever(call))\ndaemons(forever(lambda: asyncio.run(many(5))))\ncall()", 0),
    "big gathers beside daemon threads that hang": (
        (
            "async def main():\n    while True:\n        await many(1000)\n"
            "daemons(lambda: call('hang'), 8)\ndaemons(lambda: asyncio.run(main()), 1)\ncall()\ntime.sleep(0.1)"
        ),
        0,
    ),
    "a slow delivery beside threads that go on asking": (
        (
            "delivering = threading.Event()\n"
            "class Future(asyncio.Future):\n    def set_result(self, result):\n        delivering.set()\n"
            "        time.sleep(0.5)\n        super().set_result(result)\n"
            "class Loop(asyncio.SelectorEventLoop):\n    def create_future(self):\n        return Future(loop=self)\n"
            "def heedless():\n    try:\n        call()\n    except SystemExit:\n        pass\n"
            "daemons(lambda: Loop().run_until_complete(call_async()), 1)\n"
            "class Last:\n    def __del__(self, sleep=time.sleep):\n        sleep(1.0)  # late: threads may run\n"
            "sys.modules['last'] = Last()\n"
            "delivering.wait()\ndaemons(forever(heedless), 2)"
        ),
        0,
    ),
    "sys.exit in a task": (
        (
            "async def leave():\n    await call_async()\n    sys.exit(7)\n"
            "async def main():\n    hanging = asyncio.ensure_future(call_async('hang'))\n    await leave()\n"
            "asyncio.run(main())"
        ),
        7,
    ),
    "sys.exit with threads in calls": ("daemons(lambda: call('hang'))\ncall()\nsys.exit(7)", 7),
    "os._exit": ("daemons(lambda: call('hang'))\nasyncio.run(many())\nos._exit(7)", 7),
    "exception out of main": ("call()\nraise LookupError('mine')", 1),
    "exception out of a task": (
        "async def main():\n    await many()\n    raise LookupError('mine')\nasyncio.run(main())",
        1,
    ),
    "KeyboardInterrupt": ("call()\nraise KeyboardInterrupt", -2),
    "exit handler calls, registered after": ("import gcrec\natexit.register(call)\ncall()", 0),
    "exit handler calls, registered before": (
        (
            "def late():\n    try:\n        call()\n    except RuntimeError as error:\n        print(error)\n"
            "atexit.register(late)\ncall()"
        ),
        0,
    ),
    "exit handler makes the first call": ("import gcrec\natexit.register(lambda: (call(), asyncio.run(many())))", 0),
    "exit handler imports and makes the first call": ("atexit.register(call)", 0),
    "exit handler with daemon threads in calls": (
        "import gcrec\natexit.register(call)\ndaemons(lambda: call('hang'))\ncall()",
        0,
    ),
    "exit handler cancels the tasks of a loop in a daemon thread": (
        (
            "started = threading.Event()\nended = []\n"
            "async def main():\n    started.loop, started.task = asyncio.get_running_loop(), asyncio.current_task()\n"
            "    try:\n        while True:\n            await call_async()\n            started.set()\n"
            "    except asyncio.CancelledError:\n        ended.append(True)\n"
            "def cancel():\n    started.loop.call_soon_threadsafe(started.task.cancel)\n    thread.join()\n"
            "    print(ended)\natexit.register(cancel)\n"
            "thread = threading.Thread(target=lambda: asyncio.run(main()), daemon=True)\nthread.start()\nstarted.wait()"
        ),
        0,
    ),
    "a call in an executor": (
        (
            "from concurrent.futures import ThreadPoolExecutor\npool = ThreadPoolExecutor(4)\n"
            "results = [pool.submit(call) for _ in range(8)]"
        ),
        0,
    ),
    "a timer": ("call()\nthreading.Timer(0.01, call).start()", 0),
    "a thread that outlives main": ("threading.Thread(target=lambda: [call() for _ in range(20)]).start()", 0),
    "operations dropped unrun": (
        "import gcrec\nkept = [gcrec._gcrec.control_recording('t', URL, 'c', 'start', 30.0, 3, 'auto', None)]",
        0,
    ),
    "logging, both faces": (LOGGING + "call(); asyncio.run(many()); call()", 0),
    "logging, answers come when main has ended": (
        (
            LOGGING + "loop = asyncio.new_event_loop()\ntask = loop.create_task(many(100))\n"
            "loop.run_until_complete(asyncio.sleep(0))"
        ),
        0,
    ),
    "logging, daemon threads, both faces": (
        LOGGING + "daemons(forever(call))\ndaemons(forever(lambda: asyncio.run(many(5))))\ncall()\ntime.sleep(0.02)",
        0,
    ),
    "logging, big gathers beside daemon threads that hang": (
        (
            LOGGING + "async def main():\n    while True:\n        await many(1000)\n"
            "daemons(lambda: call('hang'), 8)\ndaemons(lambda: asyncio.run(main()), 1)\ncall()\ntime.sleep(0.1)"
        ),
        0,
    ),
    "logging that is configured too late": ("call()\n" + LOGGING + "atexit.register(call)", 0),
    "logging by a handler that makes calls": (
        (
            LOGGING + "class Calling(logging.Handler):\n    def emit(self, record):\n        try:\n"
            "            call()\n        except RuntimeError:\n            pass  # the exit has begun\n"
            "logging.getLogger('gcrec').addHandler(Calling())\n"
            "daemons(forever(call))\nasyncio.run(many())\ncall()\ntime.sleep(0.02)"
        ),
        0,
    ),
    "cancelled": (
        (
            "async def main():\n    task = asyncio.ensure_future(many(20, 'hang'))\n    await call_async()\n"
            "    task.cancel()\nasyncio.run(main())"
        ),
        0,
    ),
}

# What standard error may end with.
RAISING = {
    "exception out of main": "LookupError: mine",
    "exception out of a task": "LookupError: mine",
    "KeyboardInterrupt": "KeyboardInterrupt",
}


def command(name, url):
    """The command line that runs a script."""
    return [sys.executable, "-X", "faulthandler", "-c", SETUP + SCRIPTS[name][0], url]


def complaint(name, exit_code, errors):
    """What is wrong with how a script ended; empty where it is as it should be."""
    if exit_code != SCRIPTS[name][1]:
        return f"exit code {exit_code}: {errors}"
    last = errors.strip().splitlines()[-1:] or [""]
    if last[0] != RAISING.get(name, "") or "panicked" in errors or "Exception ignored" in errors:
        return f"standard error: {errors}"
    if name in RAISING and errors.count("Traceback") != 1:
        return f"not one traceback: {errors}"
    return ""
