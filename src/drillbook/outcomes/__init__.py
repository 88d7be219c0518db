"""What came of each command beyond its exit code, and what that says of the findings in the text. Pure.

Only recorded facts count: where one is missing nothing is claimed, and the exit code stands.
"""

from drillbook.outcomes.claims import command_outcomes
from drillbook.outcomes.merge import findings_told

__all__ = ["command_outcomes", "findings_told"]
