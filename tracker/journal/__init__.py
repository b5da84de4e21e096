"""What a process says of a run, on disk before the call returns. docs/journal.md describes the format.

A journal is a folder: `journal` holds a line an entry, `files` what is to be uploaded, `sent.*` how far delivery came,
`refused` what the server would not take, and `lock` is held by the process that writes.
"""
