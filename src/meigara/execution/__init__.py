"""Who works on queued runs, and who ticks: one process, or workers with a broker."""
