"""What is in a container of the host, put there anew, or merged with what Python has made of the same."""

from .._abi._convert import flat


def items_of(container):
    """Its items; of a dict the keys and values, one after the other.  At one moment: `list` is not
    interrupted by another thread, which may change the container."""
    return flat(list(container.items())) if isinstance(container, dict) else list(container)


def are_same(items, others):
    if len(items) != len(others):
        return False
    try:
        for at in range(len(items)):  # which PyPy's JIT makes the most of
            if items[at] is not others[at]:
                return False
    except IndexError:  # another thread has just taken some out
        return False
    return True


def fill(container, items):
    """Puts these into it, and nothing else."""
    if type(container) is list:
        container[:] = items
        return
    container.clear()
    if isinstance(container, dict):
        container.update(_pairs(items))
    else:
        (container.update if isinstance(container, set) else container.extend)(items)


def moved(old, count, moves, own):
    """What is in a container of which Python tells where each thing was among `count` (or -1), and these
    things.  Where `old` are others, because the host has changed it meanwhile, it is all Python's, but for
    what `own` says of each."""
    known = len(old) == count
    return [old[place] if known and place >= 0 else own(value) for place, value in zip(*moves)]


def merge(container, before, items):
    """Python has made `items` of what was there before, and the host something else."""
    if isinstance(container, dict):
        old, new = _pairs(before), _pairs(items)
        for key in [key for key in old if key not in new]:
            container.pop(key, None)
        for key, value in new.items():
            if key not in old or old[key] is not value:
                container[key] = value
    elif isinstance(container, set):
        container.difference_update(set(before).difference(items))
        container.update(set(items).difference(before))
    elif are_same(items[: len(before)], before):
        container.extend(items[len(before) :])
    else:
        fill(container, items)


def _pairs(items):
    return dict(zip(items[::2], items[1::2]))
