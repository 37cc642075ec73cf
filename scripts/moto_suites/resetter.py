"""Empties an account of the sandbox for every line that comes: `python -m resetter ORIGIN ACCOUNT`."""

import sys

from sandbox.controls.client import ask_switch

origin, account = sys.argv[1:]
for _ in sys.stdin:
    ask_switch(origin, "POST", "reset", b"{}", keys=(account, "test"), region="us-east-1")
    print("done", flush=True)
