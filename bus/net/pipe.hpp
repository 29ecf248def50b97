// A transport in memory: two ends on one loop, for LocalBus and for tests.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "bus/clock.hpp"
#include "bus/net/loop.hpp"
#include "bus/net/transport.hpp"

namespace xbus::net {

struct PipeOptions {
  size_t capacity = 64 * 1024;  // bytes on their way in one direction; more is not taken by write()
  uint64_t fragment_seed = 0;   // not zero: what is written arrives in pieces of 1 to 64 bytes drawn from this seed
  size_t fragment_bytes = 0;    // not zero: it arrives in pieces of this many bytes
  Duration delay{};             // from write to arrival
  PeerAddress first_sees{"pipe", true, {}, {}};   // peer() of the first end
  PeerAddress second_sees{"pipe", true, {}, {}};
};

struct PipeEnds {
  std::unique_ptr<Transport> first, second;
};

// Either end may go first; the other reads what was written and then sees the end.
PipeEnds make_pipe(Loop& loop, const PipeOptions& options = {});

}  // namespace xbus::net
