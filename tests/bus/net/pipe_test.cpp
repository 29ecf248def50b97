#include "bus/net/pipe.hpp"

#include <gtest/gtest.h>

#include "bus/net/virtual_loop.hpp"
#include "tests/bus/net/wires.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

TEST(Pipe, fragments_are_the_same_for_the_same_seed) {
  auto pieces = [](uint64_t seed) {
    VirtualLoop loop;
    PipeOptions options;
    options.fragment_seed = seed;
    auto ends = make_pipe(loop, options);
    Probe a, b;
    std::vector<size_t> sizes;
    b.data = [&](std::string_view bytes) { sizes.push_back(bytes.size()); };
    ends.first->start(a);
    ends.second->start(b);
    ends.first->write_one(std::string(5000, 'x'));
    loop.run_until_idle();
    EXPECT_EQ(b.received.size(), 5000u);
    return sizes;
  };
  EXPECT_EQ(pieces(1), pieces(1));
  EXPECT_NE(pieces(1), pieces(2));
}

TEST(Pipe, delay_is_time_on_the_wire) {
  VirtualLoop loop;
  PipeOptions options;
  options.delay = 30ms;
  auto ends = make_pipe(loop, options);
  Probe a, b;
  ends.first->start(a);
  ends.second->start(b);
  ends.first->write_one("x");
  loop.advance(10ms);
  ends.first->write_one("y");
  loop.advance(19ms);
  EXPECT_EQ(b.received, "");
  loop.advance(1ms);
  EXPECT_EQ(b.received, "x");
  loop.advance(10ms);
  EXPECT_EQ(b.received, "xy");
}

}  // namespace
}  // namespace xbus::net
