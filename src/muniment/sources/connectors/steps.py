"""How long a step of a connection test took."""

from time import perf_counter

from muniment.contracts.connectors import StepOutcome, TestStep


class Stopwatch:
    """Turns what a step found into a TestStep with its duration."""

    def __init__(self) -> None:
        self._begun = perf_counter()

    def _step(
        self, name: str, outcome: StepOutcome, message: str, remedy: str | None = None
    ) -> TestStep:
        now = perf_counter()
        spent = round((now - self._begun) * 1000, 1)
        self._begun = now
        return TestStep(name, outcome, message, remedy, spent)

    def passed(self, name: str, message: str) -> TestStep:
        return self._step(name, StepOutcome.PASSED, message)

    def warned(self, name: str, message: str, remedy: str) -> TestStep:
        return self._step(name, StepOutcome.WARNED, message, remedy)

    def failed(self, name: str, message: str, remedy: str) -> TestStep:
        return self._step(name, StepOutcome.FAILED, message, remedy)

    def skipped(self, name: str, message: str) -> TestStep:
        return self._step(name, StepOutcome.SKIPPED, message)
