// The hot path of the stream machines: from on_bytes to deliver nothing is allocated (D6). Counts
// every allocation of this program.
#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "tests/bus/xmpp/stream_subjects.hpp"

namespace {
std::atomic<size_t> allocations{0};
}

void* operator new(size_t bytes) {
  ++allocations;
  if (void* block = std::malloc(bytes == 0 ? 1 : bytes)) return block;
  throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, size_t) noexcept { std::free(block); }

namespace xbus::xmpp::testing {
namespace {

class Counting final : public ServerSubject {
 public:
  using ServerSubject::ServerSubject;
  void deliver(const xml::StanzaView& stanza, const xml::HeaderView&) override {
    ++stanzas;
    inside &= stanza.bytes.data() >= window.data() &&
              stanza.bytes.data() + stanza.bytes.size() <= window.data() + window.size();
  }
  size_t stanzas = 0;
  bool inside = true;
  std::string_view window;
};

TEST(StreamAllocation, a_delivered_stanza_costs_no_allocation_and_no_copy) {
  Counting server(
      {.domain = "example.org", .tls = ServerStreamOptions::Tls::done, .external_by_uid = true});
  for (const char* text : {"{c-open}", "<auth xmlns='{sasl}' mechanism='EXTERNAL'>=</auth>",
                           "{c-open}", "<iq type='set' id='1'><bind xmlns='{bind}'/></iq>"})
    server.on_bytes(expanded(text));
  ASSERT_TRUE(server.machine.established());
  std::string stanzas;
  for (int i = 0; i < 100; ++i)
    stanzas +=
        "<iq type='set' id='c1' to='agent@example.org/1'><query xmlns='jabber:iq:rpc'><methodCall>"
        "<methodName>load</methodName></methodCall></query></iq>\n<message to='a@b'><body>x</body>"
        "</message><presence/>";
  server.window = stanzas;
  server.on_bytes(stanzas);  // whatever grows once
  const size_t before = allocations;
  EXPECT_EQ(server.on_bytes(stanzas), stanzas.size());
  EXPECT_EQ(allocations - before, 0u);
  EXPECT_EQ(server.stanzas, 600u);
  EXPECT_TRUE(server.inside);
}

}  // namespace
}  // namespace xbus::xmpp::testing
