"""drillbook proves that an emergency runbook works."""
