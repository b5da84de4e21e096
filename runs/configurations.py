"""Which runs differ in nothing but their seeds: a number for what a run's params are, kept on write, so that 100,000
runs are grouped without reading two million params.

It is a sum of hashes of pairs, so that a param that comes, goes or changes is added or taken away, in any order.
"""

import hashlib
import re
from collections.abc import Iterable

#: Numbers are below this, so that two of them can be added in 64 bits.
MODULUS = 2**62
_SEED = re.compile(
    r"(?:.*[^a-z])?(?:(?:random|rng|np|numpy|torch)_?)?(?:seeds?|random_state|rng|folds?|replicates?)(?:_?id|_?idx)?"
)
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def is_seed(key: str) -> bool:
    """Whether a param tells repetitions apart: `seed`, `random_state`, `data.seed`, `torchSeed`, `fold`."""
    last = re.split(r"[./: -]", key.strip())[-1]
    return _SEED.fullmatch(_WORDS.sub("_", last).lower()) is not None


def share(key: str, value: str) -> int:
    """What a param adds to the number of its run; a seed adds nothing."""
    if is_seed(key):
        return 0
    content = f"{len(key)}:{key}{value}".encode()
    return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest()) % MODULUS


def number_of(params: Iterable[tuple[str, str]]) -> int:
    """The number of a configuration; 0 for none."""
    return sum(share(key, value) for key, value in params) % MODULUS
