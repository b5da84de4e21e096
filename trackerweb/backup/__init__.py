"""One file that holds all of a tracker: made while its server runs, and unpacked on an empty folder.

It is a zip: manifest.json, tracker.sqlite3 and blobs/ab/abcdef…, named by their SHA-256. docs/backup.md tells more.
"""

from trackerweb.backup.archive import Archive, BadBackup
from trackerweb.backup.making import Made, make
from trackerweb.backup.places import NotPossible, Places
from trackerweb.backup.restoring import Restored, check, restore

__all__ = ["Archive", "BadBackup", "Made", "NotPossible", "Places", "Restored", "check", "make", "restore"]
