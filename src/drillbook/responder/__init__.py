"""Carries out a runbook's commands as a person at a shell would, in the responder pod."""
