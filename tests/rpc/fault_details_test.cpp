// The details of a fault: on the wire, over the bus, and away from strict peers.
#include "rpc/fault_details.hpp"

#include <gtest/gtest.h>

#include "bus/limits.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"
#include "tests/rpc/calc_service.hpp"
#include "tests/rpc/desk.hpp"

namespace xbus {
namespace {

using calc_service::fault_of;
using jabber_rpc::Dialect;

// What the peer reads of a fault, after a way through text.
Fault over_the_wire(const Fault& fault, Dialect dialect) {
  xml::Element iq("iq", std::string(xml::ns_client));
  iq.set("type", "result").add(jabber_rpc::write_fault(fault, dialect));
  const auto read = xml::parse(xml::write(iq, xml::ns_client), xml::ns_client);
  const auto answer = jabber_rpc::read_answer(*read);
  return answer ? Fault(Fault::Kind::ok) : answer.error();
}

TEST(FaultDetails, travel_with_every_row_to_a_peer_that_has_the_feature) {
  for (const ErrorRow& row : error_table()) {
    if (row.kind == FaultKind::ok || row.kind == FaultKind::custom) continue;
    const Fault fault = Fault(row.kind, "why").detail("retry-after", "3").detail("a b", " <&>\"' \n\t\xc3\xa4");
    EXPECT_EQ(over_the_wire(fault, Dialect::extended), fault) << row.name;
    EXPECT_EQ(over_the_wire(fault, Dialect::strict).details(), Fault::Details()) << row.name;
  }
  const Fault own = Fault(17, "out of paper").detail("tray", "2").detail("tray", "3");
  EXPECT_EQ(over_the_wire(own, Dialect::extended), own);
}

TEST(FaultDetails, RPC_12_a_strict_peer_sees_code_and_text_and_nothing_else) {
  const Fault fault = Fault(17, "out of paper").detail("tray", "2");
  EXPECT_EQ(jabber_rpc::write_fault(fault, Dialect::strict), jabber_rpc::write_fault(Fault(17, "out of paper"), Dialect::strict));
  EXPECT_EQ(xml::write(jabber_rpc::write_fault(fault, Dialect::strict)).find("xbus"), std::string::npos);
}

TEST(FaultDetails, what_xml_cannot_carry_is_shown) {
  const Fault fault = Fault(Fault::Kind::busy).detail("a\x01", "b\xff");
  EXPECT_EQ(over_the_wire(fault, Dialect::extended), Fault(Fault::Kind::busy).detail("a?", "b?"));
}

TEST(FaultDetails, beyond_their_limits_their_number_is_told) {
  Fault fault(Fault::Kind::busy);
  for (size_t i = 0; i < limits::fault_details_max; ++i) fault.detail("n" + std::to_string(i), "v");
  EXPECT_EQ(over_the_wire(fault, Dialect::extended), fault);
  const Fault edge = fault;
  fault.detail("more", "v").detail("still more", "v");
  EXPECT_EQ(over_the_wire(fault, Dialect::extended), Fault(edge).detail("details-left-out", "2"));

  const Fault full = Fault(Fault::Kind::busy).detail("n", std::string(limits::fault_details_bytes_max - 1, 'x'));
  EXPECT_EQ(over_the_wire(full, Dialect::extended), full);
  EXPECT_EQ(over_the_wire(Fault(full).detail("m", ""), Dialect::extended), Fault(full).detail("details-left-out", "1"));
}

TEST(FaultDetails, a_peer_that_sends_too_many_fills_no_memory) {
  xml::Element query("query", "jabber:iq:rpc");
  xml::Element& all = query.add(xml::Element("details", std::string(ns_call)));
  for (size_t i = 0; i < 1000; ++i) all.add("detail").set("name", "n").add_text("v");
  all.add("detail").add_text("no name");
  all.add("other").set("name", "n");
  Fault fault(Fault::Kind::busy);
  read_details(query, fault);
  ASSERT_EQ(fault.details().size(), limits::fault_details_max + 1);
  EXPECT_EQ(*fault.find_detail(details_left_out), std::to_string(1000 - limits::fault_details_max));
}

TEST(FaultDetails, only_details_may_stand_beside_the_answer) {
  xml::Element iq("iq", std::string(xml::ns_client));
  xml::Element& query = iq.set("type", "result").add(jabber_rpc::write_fault(Fault(17, "x"), Dialect::extended));
  query.add(xml::Element("other", std::string(ns_call)));
  EXPECT_EQ(jabber_rpc::read_answer(iq).error().kind(), Fault::Kind::failed);
}

TEST(FaultDetails, a_handlers_details_reach_its_caller_as_the_caller_reads) {
  Service service("s");
  const Fault fault = Fault(Fault::Kind::not_found, "no such order").detail("order", "17");
  service.method("m", [&]() -> int { throw fault; });
  Desk desk(service);
  EXPECT_EQ(desk.fault(desk.ask("m")), fault);
  EXPECT_EQ(desk.fault(desk.ask("m", {}, {}, Dialect::strict)), Fault(fault.code(), "no such order"));
  // An answer that is repeated from the memory of keys has them too.
  Metadata metadata;
  metadata.key = "k";
  EXPECT_EQ(desk.fault(desk.ask("m", {}, metadata)), fault);
  EXPECT_EQ(desk.fault(desk.ask("m", {}, metadata)), fault);
  EXPECT_EQ(desk.callee.counters().repeated, 1u);
}

TEST(FaultDetails, over_a_bus_directly_and_through_the_registry) {
  Service service("s");
  LocalBus bus;
  const Fault fault = Fault(17, "out of paper").detail("tray", "2");
  service.method("m", [&]() -> int { throw fault; });
  service.method("add", {"a"}, [](int a) { return a; });
  bus.serve(service);
  Bus& client = bus.connect();
  EXPECT_EQ(fault_of(bus, client.service("s").call<int>("m")), fault);
  EXPECT_EQ(fault_of(bus, client.entity("s@services.localhost").call<int>("m")), fault);
  // Bad arguments say where.
  EXPECT_EQ(*fault_of(bus, client.service("s").call<int>("add", "x")).find_detail("place"), "a");
}

TEST(FaultDetails, a_strict_caller_through_the_registry_gets_none) {
  Service service("s");
  LocalBus bus;
  service.method("m", []() -> int { throw Fault(17, "out of paper").detail("tray", "2"); });
  bus.serve(service);
  Bus& client = bus.connect("foreign");
  bus.advance(std::chrono::seconds(1));
  const auto query = jabber_rpc::write_call({"m", {}, {}, Dialect::strict});
  const auto answer = bus.wait(client.client().request(*xmpp::Jid::parse("s@services.localhost"), "set", *query));
  EXPECT_EQ(jabber_rpc::read_answer(answer.stanza).error(), Fault(17, "out of paper"));
  EXPECT_EQ(*answer.stanza.first_element(), jabber_rpc::write_fault(Fault(17, "out of paper"), Dialect::strict));
}

}  // namespace
}  // namespace xbus
