// Plays about what a session never got: it goes back in parts, whole, once and in order.
#include "bus/server/returns.hpp"

#include <gmock/gmock.h>

#include "tests/bus/server/bus.hpp"

namespace xbus::server {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

// Requests of a kilobyte each, by number.
std::string requests(std::string_view to, int count) {
  std::string all;
  for (int i = 0; i < count; ++i)
    all += "<iq type='set' id='" + std::to_string(i) + "' to='" + std::string(to) + "'><q xmlns='u'>" +
           std::string(1000, 'x') + "</q></iq>";
  return all;
}

// The ids of the errors that the actor has read, which come in order.
std::vector<int> refused(Actor& actor) {
  std::vector<int> ids;
  for (const xml::Element& stanza : actor.stanzas()) {
    EXPECT_EQ(condition_of(stanza), "service-unavailable");
    ids.push_back(std::stoi(std::string(stanza.attr_or("id", "-1"))));
  }
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  return ids;
}

TEST(Returns, CORE_41_a_full_queue_goes_back_whole_and_in_order) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.stop_reading();
  ann.send(requests(bob.jid(), 3000));
  EXPECT_THAT(ann.stanzas(), IsEmpty());
  bob.hang_up();
  bus.settle();
  auto ids = refused(ann);
  ASSERT_FALSE(ids.empty());
  EXPECT_EQ(ids.back(), 2999);
  // Nothing is missing behind the first; what is before it had been written.
  EXPECT_THAT(ids, SizeIs(static_cast<size_t>(3000 - ids.front())));
  EXPECT_LT(ids.front(), 1000);
}

TEST(Returns, SM_10_what_nobody_acknowledged_goes_back_whole_and_in_order) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.send("<enable xmlns='urn:xmpp:sm:3'/>");
  ann.send(requests(bob.jid(), 3000));
  bob.hang_up();
  bus.settle();
  EXPECT_THAT(refused(ann), SizeIs(3000));
}

TEST(Returns, the_bus_goes_on_between_the_parts_and_a_drain_waits_for_the_last) {
  Bus bus;
  Actor ann(bus, "ann"), bob(bus, "bob");
  ann.login("a");
  bob.login("b");
  bob.stop_reading();
  ann.send(requests(bob.jid(), 3000));
  bob.hang_up();
  bool drained = false;
  bus.server.drain(std::chrono::seconds(5), [&] { drained = true; });
  bus.settle();
  EXPECT_TRUE(drained);
  EXPECT_TRUE(ann.closed());
}

}  // namespace
}  // namespace xbus::server
