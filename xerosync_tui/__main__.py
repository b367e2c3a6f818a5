"""``python -m xerosync_tui``."""

import sys

from xerosync_tui.cli import main

sys.exit(main())
