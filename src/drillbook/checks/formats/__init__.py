"""Findings as text for people and programs: one module a format, documents in, pieces of the output out.

Each has ``render``, a generator, so that many documents need not be kept until the last is checked.
"""
