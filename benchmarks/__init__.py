"""How fast is a sync, how much does it write, and how quick are answers? `python -m benchmarks`."""
