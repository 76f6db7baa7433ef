"""What can be wrong with what the simulator was asked to simulate?"""


class SimulatorError(ValueError):
    """The simulator cannot start or go on as asked; the text says why and what to do."""
