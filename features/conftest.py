"""Brings the phrases of ``steps/`` to the features."""

from steps.corruption import *  # noqa: F403 - pytest-bdd finds steps by the names in this module
from steps.dpdk import *  # noqa: F403
from steps.faults import *  # noqa: F403
from steps.memory import *  # noqa: F403
from steps.responder import *  # noqa: F403
from steps.security import *  # noqa: F403  # noqa: F403
from steps.users import *  # noqa: F403
