"""A J-Quants API V2 on a laptop: an invented market, plans, limits, and faults by name.

It imports nothing of the rest of Meigara, so it can judge it. Start with `simulator.server`.
"""
