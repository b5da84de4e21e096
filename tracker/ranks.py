"""Which process of a distributed training this is. By default the first one logs, and the others keep silent."""

import os

from tracker import settings
from tracker.notices import say

#: As launchers set them: torchrun, accelerate and DeepSpeed; Lightning; srun; jsrun; Open MPI; Intel MPI and MPICH.
_RANKS = ("RANK", "LOCAL_RANK", "SLURM_PROCID", "JSM_NAMESPACE_RANK", "OMPI_COMM_WORLD_RANK", "PMI_RANK")


def rank() -> tuple[int, str]:
    """This process's rank and the variable that says so; 0 and "" where none does."""
    for name in _RANKS:
        said = os.environ.get(name, "")
        if said.isascii() and said.isdigit():
            return int(said), name
    return 0, ""


def logs_here() -> bool:
    """Whether this process logs: it is the first one, or TRACKER_RANKS is `all`."""
    number, name = rank()
    if number == 0 or settings.text("TRACKER_RANKS") == "all":
        return True
    say(f"rank {number} ({name}) does not log; rank 0 does. With TRACKER_RANKS=all each rank logs.")
    return False
