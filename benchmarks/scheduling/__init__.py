"""The scheduler measured: its own policy classes in a simulated world, beside what others do.

Run it with `python -m benchmarks.scheduling`; `--json` prints the figures alone, `--quick` is a smoke test of it all.
"""
