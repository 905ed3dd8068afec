"""Lets the model learn from decisions, in a process of its own beside the scans."""

import asyncio
import contextlib
import json
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Final

import structlog

from muniment.classification.service.models import Lesson, ModelService
from muniment.kernel.errors import Unavailable
from muniment.kernel.values import JsonObject

log = structlog.get_logger(__name__)

OpenModels = Callable[[], AbstractAsyncContextManager[ModelService]]
IDLE_SECONDS: Final = 5.0
WITHIN_SECONDS: Final = 600.0
AT_ONCE: Final = 50
"""Assets that are read from the database together."""


@dataclass(slots=True)
class Teacher:
    """Takes versions that wait to be learned, one after another; several workers share them."""

    open_models: OpenModels
    idle_seconds: float = IDLE_SECONDS
    within_seconds: float = WITHIN_SECONDS

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            try:
                busy = await self.turn()
            except Unavailable as error:
                busy = False
                log.warning("model.waits", reason=error.message)
            except Exception:  # the worker's edge: learning must never stop the scans
                busy = False
                log.exception("model.failed")
            if not busy:
                await asyncio.sleep(self.idle_seconds)

    async def turn(self) -> bool:
        """Learn one version; False when none waits."""
        async with self.open_models() as models:
            lesson = await models.take()
        if lesson is None:
            return False
        result, problem = await self._learned(lesson)
        async with self.open_models() as models:
            await models.note(lesson.version, result, problem)
        return True

    async def _learned(self, lesson: Lesson) -> tuple[JsonObject | None, str | None]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "muniment.worker.lesson", stdin=PIPE, stdout=PIPE, stderr=DEVNULL
        )
        try:
            async with asyncio.timeout(self.within_seconds):
                answer = await self._teach(lesson, process)
        except TimeoutError:
            return None, f"It was not learned within {self.within_seconds / 60:.0f} minutes."
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
            await process.wait()
        if process.returncode != 0:
            log.warning("model.lost", version=lesson.version, exit_code=process.returncode)
            return None, (
                "The process that learned ended before it was done, perhaps for want of memory; "
                "train again."
            )
        found: JsonObject = json.loads(answer)
        return found, None

    async def _teach(self, lesson: Lesson, process: asyncio.subprocess.Process) -> bytes:
        """Send the lesson line by line, and read what came of it."""
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process with pipes has both")
        assets = list(lesson.assets)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(lesson.first_line)
            for at in range(0, len(assets), AT_ONCE):
                async with self.open_models() as models:
                    lines = await models.lines(lesson, assets[at : at + AT_ONCE])
                for line in lines:
                    process.stdin.write(line)
                    await process.stdin.drain()
            process.stdin.close()
        answer = await process.stdout.read()
        await process.wait()
        return answer
