"""Run the fuzz test of all readers: `python -m benchmarks.fuzz --minutes 10 --seed 1`."""

from __future__ import annotations

import sys

from benchmarks.robustness.fuzz import main

if __name__ == "__main__":
    sys.exit(main())
