"""Looks whether what is stored fits together, and puts right what can be: `manage.py check_data`.

It runs beside a live server. What is found wrong was wrong in one state of the database, so that a series that grows or
a file that comes meanwhile is never taken for damage; what is put right is looked at again in the transaction that
mends it.
"""

from runs.checking.checks import CHECKS, Check, look
from runs.checking.finding import Finding, Scope

__all__ = ["CHECKS", "Check", "Finding", "Scope", "look"]
