"""A Xero on loopback: real HTTP, real OAuth, real refusals; for the demo, rehearsals and tests.

Everything lives in memory and on one event loop. Nothing here ever leaves this machine, and nothing here imports
another room of the program: a misunderstanding of Xero must not be shared by the two ends of the wire.
"""

from xerosync_tui.sandbox.options import Limits, SandboxInputError, SandboxOptions
from xerosync_tui.sandbox.server import SandboxServer

__all__ = ["Limits", "SandboxInputError", "SandboxOptions", "SandboxServer"]
