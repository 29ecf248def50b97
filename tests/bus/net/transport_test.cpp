#include "bus/net/transport.hpp"

#include <gtest/gtest.h>

#include "tests/bus/net/wires.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

class EveryWire : public testing::TestWithParam<Wire> {
 protected:
  Wires wires{GetParam()};
  Transport& first = *wires.first;
  Transport& second = *wires.second;
  Probe& a = wires.a;
  Probe& b = wires.b;
};

INSTANTIATE_TEST_SUITE_P(Transport, EveryWire,
                         testing::Values(Wire::pipe, Wire::pipe_bytes, Wire::pipe_pieces, Wire::pipe_slow,
                                         Wire::unix_socket, Wire::tcp),
                         [](const auto& param) { return name_of(param.param); });

TEST_P(EveryWire, bytes_arrive_in_order_both_ways) {
  first.start(a);
  second.start(b);
  std::string_view pieces[] = {"one ", "", "two ", "three"};
  EXPECT_EQ(first.write(pieces), 13u);
  EXPECT_EQ(second.write_one("back"), 4u);
  EXPECT_TRUE(wires.until([&] { return b.received.size() == 13 && a.received.size() == 4; }));
  EXPECT_EQ(b.received, "one two three");
  EXPECT_EQ(a.received, "back");
  EXPECT_EQ(first.peer().loopback, true);
}

TEST_P(EveryWire, more_than_the_wire_takes_waits_for_on_writable) {
  const size_t total = wires.io ? 30'000'000 : 300'000;  // beyond the buffers of any kernel
  std::string bytes(total, 'x');
  for (size_t i = 0; i < total; ++i) bytes[i] = char('a' + i % 23);
  size_t written = 0;
  auto push = [&] { written += first.write_one(std::string_view(bytes).substr(written)); };
  first.start(a);
  second.start(b);
  second.pause_reading();
  a.writable = push;
  push();
  EXPECT_GT(written, 0u);
  EXPECT_LT(written, total);
  wires.settle();
  EXPECT_EQ(b.received.size(), 0u);
  EXPECT_LT(written, total);
  second.resume_reading();
  EXPECT_TRUE(wires.until([&] { return b.received.size() == total; }));
  EXPECT_EQ(b.received, bytes);
  EXPECT_GT(a.writables, 0);
  auto writables = a.writables;
  wires.settle();
  EXPECT_EQ(a.writables, writables);  // only after a short write
}

TEST_P(EveryWire, many_pieces_go_out_in_one_call) {
  first.start(a);
  second.start(b);
  std::string expected;
  std::vector<std::string> texts;
  for (int i = 0; i < 1000; ++i) texts.push_back(std::to_string(i) + ",");
  std::vector<std::string_view> pieces(texts.begin(), texts.end());
  for (auto& text : texts) expected += text;
  EXPECT_EQ(first.write(pieces), expected.size());
  EXPECT_TRUE(wires.until([&] { return b.received.size() == expected.size(); }));
  EXPECT_EQ(b.received, expected);
}

TEST_P(EveryWire, close_delivers_what_was_written_and_ends_both) {
  first.start(a);
  second.start(b);
  b.gone = [&] { wires.second.reset(); };
  EXPECT_EQ(first.write_one("last words"), 10u);
  first.close();
  EXPECT_FALSE(a.closed);  // never from inside the call
  EXPECT_EQ(first.write_one("more"), 0u);
  EXPECT_TRUE(wires.until([&] { return a.closed && b.closed; }));
  EXPECT_EQ(b.received, "last words");
  EXPECT_EQ(b.closed, CloseReason::by_peer);
  EXPECT_EQ(a.closed, CloseReason::by_us);
}

TEST_P(EveryWire, close_gives_up_on_a_peer_that_does_not_close) {
  first.start(a);
  second.start(b);
  second.pause_reading();
  first.close();
  EXPECT_TRUE(wires.until([&] { return a.closed.has_value(); }));
  EXPECT_EQ(a.closed, CloseReason::by_us);
}

TEST_P(EveryWire, half_close_the_peer_may_answer_after_our_goodbye) {
  first.start(a);
  second.start(b);
  second.write_one("under way");
  first.close();
  EXPECT_TRUE(wires.until([&] { return b.closed && a.closed; }));
  EXPECT_EQ(a.received, "");  // after close() nothing is told but the end
}

TEST_P(EveryWire, destroying_one_end_tells_the_other) {
  first.start(a);
  second.start(b);
  EXPECT_EQ(first.write_one("bye"), 3u);
  wires.first.reset();
  EXPECT_TRUE(wires.until([&] { return b.closed.has_value(); }));
  EXPECT_EQ(b.received, "bye");
  EXPECT_FALSE(a.closed);  // no callback for the one destroyed
  second.write_one("into the void");
  wires.settle();
}

TEST_P(EveryWire, a_handler_may_destroy_its_transport_in_any_call) {
  first.start(a);
  second.start(b);
  b.data = [&](std::string_view) { wires.second.reset(); };
  first.write_one(std::string(1000, 'x'));
  EXPECT_TRUE(wires.until([&] { return a.closed.has_value(); }));
  EXPECT_FALSE(b.closed);
  a.gone = nullptr;
  wires.first.reset();
  wires.settle();
}

TEST_P(EveryWire, pausing_inside_on_data_holds_the_rest_back) {
  first.start(a);
  second.start(b);
  b.data = [&](std::string_view) { second.pause_reading(); };
  first.write_one("1");
  EXPECT_TRUE(wires.until([&] { return b.data_calls == 1; }));
  first.write_one("2");
  wires.settle();
  EXPECT_EQ(b.received, "1");
  second.resume_reading();
  EXPECT_EQ(b.received, "1");  // never from inside the call
  EXPECT_TRUE(wires.until([&] { return b.received == "12"; }));
}

TEST_P(EveryWire, an_end_while_paused_is_told_after_the_data) {
  first.start(a);
  second.start(b);
  second.pause_reading();
  first.write_one("kept");
  wires.first.reset();
  wires.settle();
  EXPECT_EQ(b.received, "");
  second.resume_reading();
  EXPECT_TRUE(wires.until([&] { return b.closed.has_value(); }));
  EXPECT_EQ(b.received, "kept");
}

// Reading that is paused until something is written would never go on: nobody takes that any more.
TEST(Transport, an_end_while_paused_is_told_where_something_waits_to_be_written) {
  for (Wire wire : {Wire::unix_socket, Wire::tcp}) {
    SCOPED_TRACE(name_of(wire));
    Wires wires(wire);
    wires.first->start(wires.a);
    wires.second->start(wires.b);
    wires.first->pause_reading();
    wires.second->pause_reading();
    const std::string much(32 * 1024 * 1024, 'x');
    EXPECT_LT(wires.second->write_one(much), much.size());
    wires.settle();
    wires.first.reset();
    EXPECT_TRUE(wires.until([&] { return wires.b.closed.has_value(); }));
  }
}

}  // namespace
}  // namespace xbus::net
