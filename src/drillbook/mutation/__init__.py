"""Faulty variants of a runbook, and whether checks and drills tell them from the real one."""
