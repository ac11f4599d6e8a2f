#!/usr/bin/python3
"""Connects to an echo service again and again: `prober.py HOST PORT`, until it is ended.

Each attempt begins 20 ms after the one before, however that one fares, and prints `BEGIN END OUTCOME` by
CLOCK_MONOTONIC.
"""

import asyncio
import sys
import time

INTERVAL = 0.02
# An attempt that is dropped would be repeated by the kernel after a second; by then fifty others have been made.
LIMIT = 0.9


async def exchange(host, port):
    reader, writer = await asyncio.open_connection(host, port)
    try:
        writer.write(b"probe\n")
        answer = await reader.readexactly(6)
        return "ok" if answer == b"probe\n" else "wrong"
    finally:
        writer.close()


async def attempt(host, port):
    begin = time.monotonic()
    try:
        outcome = await asyncio.wait_for(exchange(host, port), LIMIT)
    except asyncio.TimeoutError:
        outcome = "timeout"
    except (OSError, asyncio.IncompleteReadError) as error:
        outcome = type(error).__name__
    print(f"{begin:.3f} {time.monotonic():.3f} {outcome}", flush=True)


async def main(host, port):
    tasks = set()
    next_begin = time.monotonic()
    while True:
        task = asyncio.create_task(attempt(host, port))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        next_begin = max(next_begin + INTERVAL, time.monotonic())
        await asyncio.sleep(next_begin - time.monotonic())


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
