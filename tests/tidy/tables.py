"""The two tables of ARCHITECTURE.md as data: which room may include which, and which folder may include which library."""

BUS = "bus"  # the files beside the rooms: result, task, clock, limits
RPC_MAY = {BUS, "bus/xml", "bus/xmpp", "bus/crypto", "bus/net", "bus/client", "rpc"}
ALL_BUS = {BUS, "bus/xml", "bus/xmpp", "bus/crypto", "bus/net", "bus/store", "bus/router", "bus/client", "bus/server"}

# Room: what it may include beside itself. A file belongs to the room with the longest name that its path begins with.
ARROWS = {
    BUS: set(),
    "bus/xml": {BUS},
    "bus/crypto": {BUS},
    "bus/xmpp": {BUS, "bus/xml", "bus/crypto"},
    "bus/store": {BUS, "bus/xml", "bus/xmpp"},
    "bus/net": {BUS, "bus/xml", "bus/xmpp", "bus/crypto"},
    "bus/router": {BUS, "bus/xml", "bus/xmpp"},
    "bus/client": {BUS, "bus/xml", "bus/xmpp", "bus/crypto", "bus/net"},
    "bus/server": {BUS, "bus/xml", "bus/xmpp", "bus/crypto", "bus/net", "bus/store", "bus/router"},
    "rpc": RPC_MAY | {"rpc/registry"},  # whose protocol both sides speak
    "rpc/registry": RPC_MAY | {"bus/store"},
    "rpc/local_bus": RPC_MAY | {"bus/store", "bus/router", "bus/server", "rpc/registry"},
    "rpc/public": RPC_MAY | {"rpc/local_bus", "rpc/registry"},
    "idl": set(),
    "adapters": RPC_MAY,
    "services": ALL_BUS | {"rpc", "rpc/registry", "rpc/local_bus", "rpc/public", "adapters", "idl", "services/common"},
    "examples": {"rpc/public"},
}

# Headers of plain data and interfaces that rooms without I/O may name: they bring no socket and no clock with them.
EXCEPTIONS = {
    "bus/xmpp": {"bus/net/transport.hpp", "bus/net/loop.hpp"},
}

# What an include looks like: the folders (or beginnings of a path) that may have it. Tests may include anything.
LIBRARIES = [
    ("Boost", r"boost/", ["bus/net/", "adapters/http/"]),
    ("OpenSSL digests", r"openssl/(sha|hmac|kdf|rand|md5)\.h", ["bus/crypto/"]),
    ("OpenSSL", r"openssl/", ["bus/net/", "bus/crypto/"]),
    ("c-ares", r"ares\.h", ["bus/net/"]),
    ("ICU", r"unicode/", ["bus/xmpp/precis"]),
    ("libidn2", r"idn2\.h", ["bus/xmpp/precis"]),
    ("SQLite", r"sqlite3\.h", ["bus/store/"]),
    ("Protobuf", r"(google/protobuf/|.*\.pb\.h)", ["rpc/describe", "adapters/protobuf/", "adapters/grpc/", "idl/"]),
    ("expat", r"expat\.h", ["adapters/atom/"]),
    ("Xerces-C", r"xercesc/", ["rpc/schema"]),
    ("gSOAP", r"(stdsoap2|soap[A-Z]\w*)\.h", ["adapters/soap/"]),
    ("gRPC", r"(grpc|grpcpp|grpc\+\+)/", ["adapters/grpc/"]),
    ("fmt", r"fmt/", ["services/", "examples/"]),
    ("nlohmann-json", r"nlohmann/", ["rpc/json_reader", "services/"]),
    ("CLI11, toml++, spdlog, systemd, prometheus",
     r"(CLI/|toml\+\+/|toml\.hpp|spdlog/|systemd/|prometheus/)", ["services/"]),
    ("a test library", r"(gtest/|gmock/|benchmark/|gloox/|strophe\.h|QXmpp|gsasl\.h)", []),
]


def room_of(path):
    """The room that a path belongs to, or None for files outside the rooms."""
    best = None
    for room in ARROWS:
        inside = path.startswith(room + "/")
        # rpc/registry and rpc/local_bus are files with a name in common, not folders.
        named = room in ("rpc/registry", "rpc/local_bus") and path.startswith(room)
        if (inside or named) and (best is None or len(room) > len(best)):
            best = room
    if best == "services":
        return "/".join(path.split("/")[:2])
    return best


def may_include(room):
    if room.startswith("services/"):
        return ARROWS["services"] | {room}
    return ARROWS[room] | {room}
