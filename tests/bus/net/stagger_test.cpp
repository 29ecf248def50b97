#include "bus/net/stagger.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

#include "bus/net/virtual_loop.hpp"

namespace xbus::net {
namespace {

using namespace std::chrono_literals;

struct Tried {
  std::string address;
  Duration when;
  bool operator==(const Tried&) const = default;
};

struct Trial {
  explicit Trial(std::deque<SocketAddress> addresses) {
    stagger.set(std::move(addresses));
    begun = loop.now();
    stagger.next();
  }
  bool begin(const SocketAddress& to) {
    tried.push_back({to.text(), loop.now() - begun});
    return to.text() != refused;
  }
  VirtualLoop loop;
  Time begun{};
  std::string refused;
  std::vector<Tried> tried;
  Stagger stagger{loop, [this](const SocketAddress& to) { return begin(to); }};
};

SocketAddress ip(const char* text) { return *SocketAddress::ip(text, 1); }

TEST(Stagger, happy_eyeballs_wait_250_ms_each) {
  Trial trial({ip("::1"), ip("127.0.0.1"), ip("::2")});
  trial.loop.advance(249ms);
  EXPECT_EQ(trial.tried, (std::vector<Tried>{{"[::1]:1", 0ms}}));
  trial.loop.advance(10s);
  EXPECT_EQ(trial.tried, (std::vector<Tried>{
                             {"[::1]:1", 0ms}, {"127.0.0.1:1", 250ms}, {"[::2]:1", 500ms}}));
}

TEST(Stagger, happy_eyeballs_go_on_at_once_when_one_fails) {
  Trial trial({ip("::1"), ip("127.0.0.1"), ip("::2")});
  trial.loop.advance(100ms);
  trial.stagger.next();  // the first has failed
  trial.loop.advance(10s);
  EXPECT_EQ(trial.tried, (std::vector<Tried>{
                             {"[::1]:1", 0ms}, {"127.0.0.1:1", 100ms}, {"[::2]:1", 350ms}}));
}

TEST(Stagger, happy_eyeballs_pass_over_what_cannot_be_tried) {
  Trial trial({ip("::1"), ip("127.0.0.1"), ip("::2")});
  trial.refused = "127.0.0.1:1";
  trial.loop.advance(250ms);
  EXPECT_EQ(trial.tried, (std::vector<Tried>{
                             {"[::1]:1", 0ms}, {"127.0.0.1:1", 250ms}, {"[::2]:1", 250ms}}));
}

TEST(Stagger, nothing_is_tried_after_stop) {
  Trial trial({ip("::1"), ip("127.0.0.1")});
  trial.stagger.stop();
  trial.loop.advance(10s);
  trial.stagger.next();
  EXPECT_EQ(trial.tried.size(), 1u);
}

}  // namespace
}  // namespace xbus::net
