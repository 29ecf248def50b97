#include "services/agent/link_watch.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/services/agent/netns.hpp"

namespace xbus::agent {
namespace {

// What a watch tells, to be awaited by another thread.
class Heard {
 public:
  void add(const std::string& text) {
    const std::lock_guard<std::mutex> lock(mutex_);
    texts_.push_back(text);
    changed_.notify_all();
  }
  bool await(const std::string& text) {
    std::unique_lock<std::mutex> lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20),
                             [&] { return std::count(texts_.begin(), texts_.end(), text) != 0; });
  }
  std::string all() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return testing::PrintToString(texts_);
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

// Runs `play` on a thread in a network of its own, with a watch beside it.
template <class Play>
void in_a_network_of_its_own(int buffer_bytes, Play play) {
  std::thread([&] {
    const std::string refused = enter_new_network();
    ASSERT_EQ(refused, "");
    Heard heard;
    LinkWatch watch;
    watch.host = "web1";
    watch.buffer_bytes = buffer_bytes;
    watch.tell = [&](const LinkEvent& event) { heard.add(text_of(event)); };
    watch.note = [&](const char* words) { heard.add(words); };
    watch.begun = [&] { heard.add("begun"); };
    Sources sources;
    sources.add([&](const Stop& stop) {
      if (!watch_links(watch, stop)) heard.add("refused");
    });
    ASSERT_TRUE(heard.await("begun")) << heard.all();
    play(heard);
  }).join();
}

TEST(LinkWatch, a_pair_of_interfaces_comes_works_and_goes) {
  in_a_network_of_its_own(0, [](Heard& heard) {
    ASSERT_TRUE(ip("link add va type veth peer name vb && ip link set vb up && ip link set va up"));
    EXPECT_TRUE(heard.await("web1: va is up")) << heard.all();
    ASSERT_TRUE(ip("addr add 192.0.2.1/24 dev va && ip route add 198.51.100.0/24 via 192.0.2.9"));
    EXPECT_TRUE(heard.await("web1: va has the address 192.0.2.1/24")) << heard.all();
    EXPECT_TRUE(heard.await("web1: route to 198.51.100.0/24 via 192.0.2.9 by va")) << heard.all();
    ASSERT_TRUE(ip("link set va down"));
    EXPECT_TRUE(heard.await("web1: va is down, switched off")) << heard.all();
    // The kernel says nothing of it; the routes are asked for.
    EXPECT_TRUE(heard.await("web1: no more route to 198.51.100.0/24 via 192.0.2.9 by va")) << heard.all();
    ASSERT_TRUE(ip("link del va"));
    EXPECT_TRUE(heard.await("web1: va is gone")) << heard.all();
    EXPECT_TRUE(heard.await("web1: vb is gone")) << heard.all();
  });
}

TEST(LinkWatch, what_the_kernel_has_dropped_is_asked_for) {
  in_a_network_of_its_own(1, [](Heard& heard) {  // the least that the kernel gives: two messages or three
    ASSERT_TRUE(ip("link add va type veth peer name vb"));
    std::string many = "printf '";
    for (int i = 1; i <= 250; ++i) many += "addr add 203.0.113." + std::to_string(i) + "/32 dev va\\n";
    many += "link set va up\\nlink set vb up\\n' | ip -batch -";
    ASSERT_EQ(std::system(many.c_str()), 0);
    EXPECT_TRUE(heard.await("the kernel has dropped changes of the network; asking anew")) << heard.all();
    EXPECT_TRUE(heard.await("web1: va is up")) << heard.all();
    for (int i = 1; i <= 250; ++i)
      ASSERT_TRUE(heard.await("web1: va has the address 203.0.113." + std::to_string(i) + "/32")) << i;
  });
}

}  // namespace
}  // namespace xbus::agent
