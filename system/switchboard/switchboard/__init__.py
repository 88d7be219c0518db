"""The switchboard: the services outside the cluster that a runbook calls, answering under their own names."""
