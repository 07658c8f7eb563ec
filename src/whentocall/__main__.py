"""`python -m whentocall`."""

import sys

from whentocall.cli import main

sys.exit(main())
