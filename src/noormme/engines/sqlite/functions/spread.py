"""Standard deviation and variance, over groups and over windows of rows.

Invariant: sums are exact, so a row that leaves a window leaves nothing behind, and the order of the rows does
not matter; what is rounded is the result.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from noormme.engines.sqlite.functions.convert import as_number

__all__ = ["AGGREGATES"]

_FINEST = 1074
"""Every float is a whole multiple of 2 to the power of minus this."""


class _Variance:
    """The mean square distance from the mean; None of too few values or of an infinite one."""

    __slots__ = ("_count", "_infinite", "_squares", "_sum")

    fewest = 1
    """How many values it needs."""

    def __init__(self) -> None:
        self._count = 0
        self._infinite = 0
        self._sum = 0
        self._squares = 0

    def step(self, value: object) -> None:
        """Take a row in."""
        self._add(value, 1)

    def inverse(self, value: object) -> None:
        """Let a row go."""
        self._add(value, -1)

    def _add(self, value: object, sign: int) -> None:
        number = as_number(value)
        if number is None:
            return
        if not math.isfinite(number):
            self._infinite += sign
            return
        whole, divisor = number.as_integer_ratio()
        shift = _FINEST + 1 - divisor.bit_length()  # the divisor is a power of 2
        self._count += sign
        self._sum += sign * (whole << shift)
        self._squares += sign * (whole * whole << 2 * shift)

    def value(self) -> float | None:
        """The result for the rows that are in."""
        if self._infinite or self._count < self.fewest:
            return None
        distances = self._count * self._squares - self._sum * self._sum
        divisor = self._count * (self._count - self.fewest + 1)
        try:
            return distances / (divisor << 2 * _FINEST)
        except OverflowError:
            return None

    def final(self) -> float | None:
        """The result for all rows."""
        return self.value()


class _SampleVariance(_Variance):
    """The same of a sample: divided by one less."""

    __slots__ = ()
    fewest = 2


class _Deviation(_Variance):
    """The root of the variance."""

    __slots__ = ()

    def value(self) -> float | None:
        """The result for the rows that are in."""
        variance = super().value()
        return None if variance is None else math.sqrt(variance)


class _SampleDeviation(_Deviation):
    """The same of a sample."""

    __slots__ = ()
    fewest = 2


AGGREGATES: Mapping[str, type[_Variance]] = {
    "noormme_stddev_pop": _Deviation,
    "noormme_stddev_samp": _SampleDeviation,
    "noormme_variance_pop": _Variance,
    "noormme_variance_samp": _SampleVariance,
}
"""By their names in SQL: what computes an aggregate of one argument."""
