"""The CPython behind rpyc: serves one client on the loopback device, and prints its port."""

from rpyc.core.service import ClassicService
from rpyc.utils.server import OneShotServer

server = OneShotServer(
    ClassicService,
    hostname="127.0.0.1",
    port=0,
    protocol_config={"allow_all_attrs": True, "allow_pickle": True},
)
print(server.port, flush=True)
server.start()
