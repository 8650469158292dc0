"""A process that only runs jobs, beside others that only answer requests."""

import asyncio
import signal

from yinse.app.background import background
from yinse.app.wiring import build_ports, close_databases, open_databases
from yinse.settings import Settings


async def work(settings: Settings) -> None:
    """Run jobs until SIGTERM or SIGINT; running ones end or are given back."""
    ports, stop = build_ports(settings), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await open_databases(ports)
    try:
        async with background(ports, work=True):
            await stop.wait()
    finally:
        await ports.speech.close()
        await close_databases(ports)
