// Calls and answers larger than a stanza, over a whole bus: they arrive, they are bounded, they leave nothing behind.
#include <gtest/gtest.h>

#include "bus/client/client.hpp"
#include "bus/xmpp/disco.hpp"
#include "bus/xmpp/stanza.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/local_bus.hpp"
#include "rpc/pieces.hpp"
#include "tests/rpc/calc_service.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using calc_service::fault_of;
using calc_service::kind_of;

constexpr size_t mebibyte = 1024 * 1024;

// A service of large things.
struct Store {
  Store() {
    service.method("size", {"text"}, [this](const std::string& text) {
      ++calls;
      return static_cast<int64_t>(text.size());
    });
    service.method("text", {"n"}, [](int64_t n) { return std::string(static_cast<size_t>(n), 'x'); });
    service.method("echo", {"data"}, [](Bytes data) { return data; });
    service.method("left", {"text"}, [](Call& call, const std::string&) {
      return static_cast<int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(call.deadline - call.arrived).count());
    });
    service.method("count", {"text"}, [this](Call& call, const std::string& text) { noted += call.one_way ? text.size() : 0; });
  }
  void stand_on(LocalBus& bus) { server = &bus.serve(service); }
  Service service{"store"};
  Bus* server = nullptr;
  int calls = 0;
  size_t noted = 0;
};

// Stanzas that a connection sends, counted by what they hold.
struct Trace {
  explicit Trace(Bus& bus) {
    bus.client().on_trace([this](bool outbound, std::string_view stanza) {
      if (!outbound) return;
      ++stanzas;
      pieces += stanza.find("<piece ") != stanza.npos;
      largest = std::max(largest, stanza.size());
    });
  }
  int stanzas = 0, pieces = 0;
  size_t largest = 0;
};

TEST(BusPieces, ten_mebibytes_go_there_and_come_back) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  Trace trace(client);
  EXPECT_EQ(bus.wait(client.service("store").call<int64_t>("size", std::string(10 * mebibyte, 'x'))), 10 * mebibyte);
  EXPECT_GE(trace.pieces, static_cast<int>(10 * mebibyte / limits::piece_bytes_max));
  EXPECT_LT(trace.largest, limits::stanza_bytes_assumed);
  EXPECT_EQ(bus.wait(client.service("store").call<std::string>("text", int64_t{10 * mebibyte})), std::string(10 * mebibyte, 'x'));
  Bytes data(2 * mebibyte);
  for (size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::byte>(i * 7 + i / 251);
  EXPECT_EQ(bus.wait(client.service("store").call<Bytes>("echo", data)), data);
  EXPECT_EQ(client.bytes_in_pieces() + store.server->bytes_in_pieces(), 0u);
}

TEST(BusPieces, what_fits_a_stanza_goes_in_one) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  Trace there(client), back(*store.server);
  EXPECT_EQ(bus.wait(client.service("store").call<int64_t>("size", std::string(900'000, 'x'))), 900'000);
  bus.wait(client.service("store").call<std::string>("text", int64_t{900'000}));
  EXPECT_EQ(there.pieces + back.pieces, 0);
}

// The size of a call of `size` whose argument has n letters, as XML.
size_t call_bytes(size_t n) {
  Metadata metadata;
  metadata.deadline = limits::call_time_default;
  const auto query = jabber_rpc::write_call({"size", {std::string(1, 'x')}, metadata, jabber_rpc::Dialect::extended});
  return xml::write(*query).size() + n - 1;
}

TEST(BusPieces, message_bytes_max_is_the_edge_and_nothing_is_sent_beyond_it) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  bus.wait(client.service("store").call<int64_t>("size", "x"));
  const size_t edge = limits::message_bytes_max - call_bytes(0);
  EXPECT_EQ(bus.wait(client.service("store").call<int64_t>("size", std::string(edge, 'x'))), static_cast<int64_t>(edge));
  Trace trace(client);
  const int calls = store.calls;
  const Fault fault = fault_of(bus, client.service("store").call<int64_t>("size", std::string(edge + 1, 'x')));
  EXPECT_EQ(fault.kind(), Fault::Kind::too_big);
  EXPECT_EQ(exit_status(fault.kind()), 64 + 8);
  EXPECT_EQ(trace.stanzas, 0);
  EXPECT_EQ(store.calls, calls);
  // An answer likewise: the callee says so.
  EXPECT_EQ(kind_of(bus, client.service("store").call<std::string>("text", int64_t{limits::message_bytes_max})), Fault::Kind::too_big);
  EXPECT_EQ(client.bytes_in_pieces() + store.server->bytes_in_pieces(), 0u);
}

TEST(BusPieces, through_the_registry_and_to_a_strict_peer_nothing_goes_in_pieces) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  bus.advance(1s);
  Trace trace(client);
  EXPECT_EQ(kind_of(bus, client.entity("store@services.localhost").call<int64_t>("size", std::string(2 * mebibyte, 'x'))),
            Fault::Kind::too_big);
  EXPECT_EQ(trace.pieces, 0);
  EXPECT_EQ(kind_of(bus, client.entity("store@services.localhost").call<std::string>("text", int64_t{2 * mebibyte})),
            Fault::Kind::too_big);
  // A peer that reads XEP-0009 and nothing else.
  Bus& strict = bus.connect("strict");
  strict.client().on_iq(xmpp::ns_disco_info, [&](const xml::Element& iq) {
    xmpp::DiscoInfo info;
    info.identities = {{"automation", "rpc", "", ""}};
    info.features = {std::string(jabber_rpc::ns)};
    strict.client().send(xmpp::result_for(iq, xmpp::to_element(info)));
  });
  EXPECT_EQ(kind_of(bus, client.entity(strict.jid().str()).call<int64_t>("size", std::string(2 * mebibyte, 'x'))),
            Fault::Kind::too_big);
  EXPECT_EQ(trace.pieces, 0);
  const auto query = jabber_rpc::write_call({"text", {int32_t{2 * mebibyte}}, {}, jabber_rpc::Dialect::strict});
  const auto answer = bus.wait(strict.client().request(store.server->jid(), "set", *query));
  EXPECT_EQ(jabber_rpc::read_answer(answer.stanza).error().kind(), Fault::Kind::too_big);
  EXPECT_EQ(xml::write(answer.stanza).find("urn:xbus"), std::string::npos);
  EXPECT_EQ(store.server->bytes_in_pieces(), 0u);
}

TEST(BusPieces, a_notify_is_as_large_as_a_call) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  bus.wait(client.service("store").notify("count", std::string(3 * mebibyte, 'x')));
  bus.advance(10ms);
  EXPECT_EQ(store.noted, 3 * mebibyte);
  EXPECT_EQ(kind_of(bus, [](Bus& from) -> Task<int> {
    auto noting = from.service("store").notify("count", std::string(17 * mebibyte, 'x'));
    co_await std::move(noting);
    co_return 1;
  }(client)), Fault::Kind::too_big);
}

TEST(BusPieces, what_grows_when_it_is_written_is_counted_as_written) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  Trace trace(client);
  // As XML it is four times as much.
  EXPECT_EQ(bus.wait(client.service("store").call<int64_t>("size", std::string(mebibyte / 2, '<'))), mebibyte / 2);
  EXPECT_GE(trace.pieces, static_cast<int>(2 * mebibyte / limits::piece_bytes_max));
}

// What a call ends in, filled in when it has.
std::optional<Fault::Kind> begin(Remote remote, std::string method, Value arg, std::optional<Fault::Kind>& ended) {
  spawn([](Remote from, std::string name, Value value, std::optional<Fault::Kind>& out) -> Task<void> {
    try {
      auto calling = from.call_values(std::move(name), {std::move(value)});
      (void)co_await std::move(calling);
      out = Fault::Kind::ok;
    } catch (const Fault& fault) {
      out = fault.kind();
    }
  }(std::move(remote), std::move(method), std::move(arg), ended));
  return ended;
}

// A peer that has the features and takes so many pieces before it falls silent.
class Hung {
 public:
  Hung(LocalBus& bus, int takes) : bus_(&bus.connect("hung")), takes_(takes) {
    bus_->client().on_iq(xmpp::ns_disco_info, [this](const xml::Element& iq) {
      xmpp::DiscoInfo info;
      info.features = {std::string(ns_call), std::string(pieces::ns)};
      bus_->client().send(xmpp::result_for(iq, xmpp::to_element(info)));
    });
    bus_->client().on_iq(pieces::ns, [this](const xml::Element& iq) {
      ++seen;
      if (takes_-- > 0) bus_->client().send(xmpp::result_for(iq));
    });
    bus_->client().on_message([this](const xml::Element& message) { drops += message.first("drop", pieces::ns) != nullptr; });
    bus_->client().on_iq(jabber_rpc::ns, [](const xml::Element&) {});
  }
  std::string jid() const { return bus_->jid().str(); }
  Bus& bus() { return *bus_; }

  int seen = 0, drops = 0;

 private:
  Bus* bus_;
  int takes_;
};

TEST(BusPieces, few_pieces_are_under_way_and_the_deadline_counts_for_the_whole) {
  LocalBus bus;
  Hung hung(bus, 3);
  Bus& client = bus.connect();
  CallOptions options;
  options.timeout = 5s;
  std::optional<Fault::Kind> ended;
  begin(client.entity(hung.jid()).with(options), "m", std::string(4 * mebibyte, 'x'), ended);
  bus.advance(4900ms);
  EXPECT_EQ(hung.seen, 3 + static_cast<int>(limits::pieces_under_way_max));
  EXPECT_FALSE(ended);
  EXPECT_GT(client.bytes_in_pieces(), 4 * mebibyte);
  bus.advance(200ms);
  EXPECT_EQ(ended, Fault::Kind::timeout);
  EXPECT_EQ(hung.drops, 1);
  EXPECT_EQ(client.bytes_in_pieces(), 0u);
}

TEST(BusPieces, the_first_piece_is_answered_before_the_next_goes) {
  LocalBus bus;
  Hung hung(bus, 0);
  Bus& client = bus.connect();
  std::optional<Fault::Kind> ended;
  begin(client.entity(hung.jid()), "m", std::string(4 * mebibyte, 'x'), ended);
  bus.advance(1s);
  EXPECT_EQ(hung.seen, 1);
  bus.advance(10s);
  EXPECT_EQ(ended, Fault::Kind::timeout);
}

TEST(BusPieces, the_time_that_the_pieces_took_is_counted) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Bus& client = bus.connect();
  CallOptions options;
  options.timeout = 7s;
  const auto left = bus.wait(client.service("store").with(options).call<int64_t>("left", std::string(2 * mebibyte, 'x')));
  EXPECT_LE(left, 7000);
  EXPECT_GT(left, 6000);
}

TEST(BusPieces, cancel_frees_what_was_held_at_both_ends) {
  LocalBus bus;
  Hung hung(bus, 2);
  Bus& client = bus.connect();
  CallOptions options;
  const Cancel cancel;
  options.cancel = cancel;
  std::optional<Fault::Kind> ended;
  begin(client.entity(hung.jid()).with(options), "m", std::string(4 * mebibyte, 'x'), ended);
  bus.advance(100ms);
  EXPECT_GT(client.bytes_in_pieces(), 0u);
  cancel.cancel();
  EXPECT_EQ(ended, Fault::Kind::cancelled);
  EXPECT_EQ(client.bytes_in_pieces(), 0u);
  bus.advance(100ms);
  EXPECT_EQ(hung.drops, 1);
}

TEST(BusPieces, a_peer_that_vanishes_under_the_pieces_frees_them) {
  LocalBus bus;
  Hung hung(bus, 2);
  Bus& client = bus.connect();
  std::optional<Fault::Kind> ended;
  begin(client.entity(hung.jid()), "m", std::string(4 * mebibyte, 'x'), ended);
  bus.advance(100ms);
  EXPECT_FALSE(ended);
  bus.drop(hung.bus());
  // Nothing bounces a delivered iq: the pieces that were there are waited for, no call is.
  bus.advance(limits::call_time_default);
  EXPECT_EQ(ended, Fault::Kind::timeout);
  EXPECT_EQ(client.bytes_in_pieces(), 0u);
}

TEST(BusPieces, a_bus_that_goes_under_its_pieces_leaves_nothing_hanging) {
  LocalBus bus;
  Hung hung(bus, 2);
  Bus& client = bus.connect();
  std::optional<Fault::Kind> ended;
  begin(client.entity(hung.jid()), "m", std::string(4 * mebibyte, 'x'), ended);
  bus.advance(100ms);
  bus.drop(client);
  EXPECT_EQ(ended, Fault::Kind::unavailable);
}

// ---- Hostile peers ----

// A peer that speaks for itself.
class Rogue {
 public:
  explicit Rogue(LocalBus& bus, const std::string& account = "rogue") : bus_(bus), at_(&bus.connect(account)) {}
  // The condition that answers an iq set with that payload; nothing for a result.
  std::optional<xmpp::Condition> send(const xmpp::Jid& to, const xml::Element& payload) {
    const auto answer = bus_.wait(at_->client().request(to, "set", payload));
    if (answer.kind == client::Answer::Kind::result) return {};
    return answer.error.condition;
  }
  std::optional<xmpp::Condition> piece(const xmpp::Jid& to, const std::string& id, uint64_t seq, pieces::Kind kind,
                                       size_t size, std::string bytes) {
    return send(to, pieces::to_element(pieces::Piece{id, seq, kind, size, std::move(bytes)}));
  }
  Bus& bus() { return *at_; }

 private:
  LocalBus& bus_;
  Bus* at_;
};

using pieces::Kind;
using xmpp::Condition;

TEST(BusPieces, a_stranger_fills_no_memory) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  store.service.allow({"tester@localhost"});
  Rogue rogue(bus);
  EXPECT_EQ(rogue.piece(store.server->jid(), "i", 0, Kind::call, 9, "x"), Condition::forbidden);
  EXPECT_EQ(rogue.piece(store.server->jid(), "i", 0, Kind::answer, 9, "x"), Condition::forbidden);
  Bus& caller = bus.connect();
  EXPECT_EQ(rogue.piece(caller.jid(), "i", 0, Kind::call, 9, "x"), Condition::service_unavailable);
  EXPECT_EQ(rogue.piece(caller.jid(), "i", 0, Kind::answer, 9, "x"), Condition::forbidden);
  EXPECT_EQ(store.server->bytes_in_pieces() + caller.bytes_in_pieces(), 0u);
}

TEST(BusPieces, an_answer_in_pieces_comes_from_who_was_asked_and_ends_with_the_call) {
  LocalBus bus;
  Hung asked(bus, 0);
  Rogue rogue(bus);
  Bus& client = bus.connect();
  std::optional<Fault::Kind> ended;
  begin(client.entity(asked.jid()), "m", 1, ended);
  bus.advance(10ms);
  EXPECT_EQ(rogue.piece(client.jid(), "i", 0, Kind::answer, 9, "x"), Condition::forbidden);
  const auto piece = pieces::to_element(pieces::Piece{"i", 0, Kind::answer, 9, "x"});
  EXPECT_EQ(bus.wait(asked.bus().client().request(client.jid(), "set", piece)).kind, client::Answer::Kind::result);
  EXPECT_GT(client.bytes_in_pieces(), 0u);
  bus.advance(10s);
  EXPECT_EQ(ended, Fault::Kind::timeout);
  EXPECT_EQ(client.bytes_in_pieces(), 0u);
}

TEST(BusPieces, hostile_pieces_get_the_standards_errors) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  const xmpp::Jid to = store.server->jid();
  Rogue rogue(bus), other(bus);
  const std::string no_call = "<query xmlns='jabber:iq:rpc'><nothing/></query>", no_xml = "<query><", other_xml = "<a/>";
  const auto whole = [](const char* id) { return pieces::to_element(pieces::Whole{id, {}}); };
  EXPECT_EQ(rogue.piece(to, "i", 1, Kind::call, 0, "x"), Condition::item_not_found);
  EXPECT_EQ(rogue.send(to, whole("i")), Condition::item_not_found);
  EXPECT_EQ(rogue.piece(to, "i", 0, Kind::call, limits::message_bytes_max + 1, "x"), Condition::policy_violation);
  EXPECT_FALSE(rogue.piece(to, "i", 0, Kind::call, 9, "x"));
  EXPECT_EQ(other.piece(to, "i", 1, Kind::call, 0, "x"), Condition::item_not_found) << "from another session";
  EXPECT_EQ(other.send(to, whole("i")), Condition::item_not_found);
  EXPECT_EQ(rogue.piece(to, "i", 2, Kind::call, 0, "x"), Condition::unexpected_request);
  EXPECT_FALSE(rogue.piece(to, "i", 0, Kind::call, 9, "x"));
  EXPECT_EQ(rogue.send(to, whole("i")), Condition::item_not_found) << "a piece is missing";
  for (const std::string& text : {no_xml, other_xml}) {
    EXPECT_FALSE(rogue.piece(to, "i", 0, Kind::call, text.size(), text));
    EXPECT_EQ(rogue.send(to, whole("i")), Condition::bad_request) << text;
  }
  EXPECT_FALSE(rogue.piece(to, "i", 0, Kind::call, no_call.size(), no_call));
  EXPECT_EQ(rogue.send(to, whole("i")), Condition::bad_request);
  EXPECT_EQ(rogue.send(to, xml::Element("whole", pieces::ns)), Condition::bad_request);
  EXPECT_EQ(rogue.send(to, xml::Element("other", pieces::ns)), Condition::bad_request);
  const auto get = bus.wait(rogue.bus().client().request(to, "get", whole("i")));
  EXPECT_EQ(get.error.condition, Condition::bad_request);
  EXPECT_EQ(store.server->bytes_in_pieces(), 0u);
  EXPECT_EQ((bus.call<int64_t>("store", "size", "still here")), 10);
}

TEST(BusPieces, what_is_never_finished_goes_and_so_does_what_is_dropped) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  const xmpp::Jid to = store.server->jid();
  Rogue rogue(bus);
  EXPECT_FALSE(rogue.piece(to, "i", 0, Kind::call, 9, "x"));
  EXPECT_FALSE(rogue.piece(to, "j", 0, Kind::call, 9, "x"));
  const size_t held = store.server->bytes_in_pieces();
  xml::Element message = xmpp::message(xmpp::MessageType::headline, to);
  rogue.bus().client().send(message.with(pieces::drop("i")));
  bus.advance(10ms);
  EXPECT_EQ(store.server->bytes_in_pieces(), held / 2);
  bus.advance(limits::piece_silence_time - 1s);
  EXPECT_EQ(store.server->bytes_in_pieces(), held / 2);
  bus.advance(2s);
  EXPECT_EQ(store.server->bytes_in_pieces(), 0u);
}

TEST(BusPieces, a_caller_that_takes_no_pieces_of_its_answer_is_waited_for_and_forgotten) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Hung hung(bus, 1);
  const auto query = jabber_rpc::write_call({"text", {int64_t{4 * mebibyte}}, {}, jabber_rpc::Dialect::extended});
  std::optional<client::Answer::Kind> ended;
  hung.bus().client().request(store.server->jid(), "set", *query, 1h, [&](const client::Answer& answer) { ended = answer.kind; });
  bus.advance(1s);
  EXPECT_EQ(hung.seen, 1 + static_cast<int>(limits::pieces_under_way_max));
  EXPECT_GT(store.server->bytes_in_pieces(), 0u);
  bus.advance(limits::piece_silence_time + 1s);
  EXPECT_EQ(store.server->bytes_in_pieces(), 0u);
  EXPECT_EQ(hung.drops, 1);
  EXPECT_EQ(ended, client::Answer::Kind::result) << "a fault that says so";
}

TEST(BusPieces, one_caller_does_not_hold_more_answers_than_its_share) {
  Store store;
  LocalBus bus;
  store.stand_on(bus);
  Hung hung(bus, 0);
  int busy = 0;
  for (int i = 0; i < 3; ++i) {
    const auto query = jabber_rpc::write_call({"text", {int64_t{15 * mebibyte}}, {}, jabber_rpc::Dialect::extended});
    hung.bus().client().request(store.server->jid(), "set", *query, 10s, [&](const client::Answer& answer) {
      if (answer.kind != client::Answer::Kind::result) return;
      busy += exit_status(jabber_rpc::read_answer(answer.stanza).error().kind()) == 64 + 8;
    });
  }
  bus.advance(5s);
  EXPECT_EQ(busy, 1);
  EXPECT_LE(store.server->bytes_in_pieces(), limits::pieces_bytes_per_account_max);
}

}  // namespace
}  // namespace xbus
