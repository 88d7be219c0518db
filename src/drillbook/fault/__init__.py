"""Faults: injected by Chaos Toolkit experiments, with their undo on disk first."""
