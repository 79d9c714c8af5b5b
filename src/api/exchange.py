# Data of the host, for the libraries that understand DLPack or the Arrow PyCapsule interface.
# What is handed over changes its owner, so each object gives it once.


def once(self, name):
    value, self.__dict__[name] = self.__dict__[name], None
    if value is None:
        raise ValueError("the host's data was handed over already")
    return value


class DLPack:
    """A tensor of the host, for numpy.from_dlpack, torch.from_dlpack and the like."""

    def __init__(self, device):
        self._device = device  # and then there is self._capsule

    def __dlpack_device__(self):
        return self._device

    def __dlpack__(self, *, stream=None, max_version=None, dl_device=None, copy=None):
        if dl_device is not None and tuple(dl_device) != self._device:
            raise BufferError("the host's tensor is on device %s" % (self._device,))
        if self._capsule is None:
            raise ValueError("the host's data was handed over already")
        old = max_version is None or max_version[0] < 1
        capsule = hand_over(self._capsule, old, copy)
        if not copy:
            self._capsule = None
        return capsule


class ArrowSchema:
    """An Arrow schema of the host."""

    def __init__(self, schema):
        self._schema = schema

    def __arrow_c_schema__(self):
        return once(self, "_schema")


class ArrowArray:
    """An Arrow array of the host, for pyarrow.array and the like."""

    def __init__(self, schema, array):
        self._schema, self._array = schema, array

    def __arrow_c_array__(self, requested_schema=None):
        # A producer need not convert to the schema that is asked for.
        return once(self, "_schema"), once(self, "_array")


class ArrowStream:
    """A stream of Arrow arrays of the host, for pyarrow.table, polars.DataFrame and the like."""

    def __init__(self, stream):
        self._stream = stream

    def __arrow_c_stream__(self, requested_schema=None):
        return once(self, "_stream")
