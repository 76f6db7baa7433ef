"""Meigara (銘柄): a complete master of all issues listed in Tokyo, in daily sync with J-Quants."""

__version__ = "0.1.0"
