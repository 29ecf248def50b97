// PieceInbox: messages put together, limits at their edge and one beyond, and what hostile peers send.
#include "rpc/piece_inbox.hpp"

#include <gtest/gtest.h>

#include "bus/crypto/base64.hpp"

namespace xbus {
namespace {

using namespace std::chrono_literals;
using pieces::Kind;
using pieces::Piece;
using xmpp::Condition;

const xmpp::Jid alice = *xmpp::Jid::parse("alice@localhost/a"), other = *xmpp::Jid::parse("alice@localhost/b"),
                bob = *xmpp::Jid::parse("bob@localhost/a");

struct Box {
  // The condition that answers a piece, or nothing.
  std::optional<Condition> take(const xmpp::Jid& from, const Piece& piece) {
    return take(from, pieces::to_element(piece));
  }
  std::optional<Condition> take(const xmpp::Jid& from, const xml::Element& element) {
    const auto error = inbox.take(from, element, now);
    return error ? std::optional(error->condition) : std::nullopt;
  }
  std::optional<Condition> first(const xmpp::Jid& from, const std::string& id, size_t size, std::string bytes = "x") {
    return take(from, Piece{id, 0, Kind::call, size, std::move(bytes)});
  }
  std::optional<Condition> next(const xmpp::Jid& from, const std::string& id, uint64_t seq, std::string bytes = "x") {
    return take(from, Piece{id, seq, Kind::call, 0, std::move(bytes)});
  }
  bool empty() const { return inbox.size() == 0 && quota.bytes() == 0 && !inbox.next_time(); }

  Time now{};
  PieceQuota quota;
  std::optional<xmpp::StanzaError> refusal;
  PieceInbox inbox{quota, [this](const xmpp::Jid&, Kind) { return refusal; }};
};

TEST(PieceInbox, puts_a_message_together_and_gives_it_once) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 6, "ab"));
  EXPECT_FALSE(box.next(alice, "i", 1, "cd"));
  EXPECT_FALSE(box.next(alice, "i", 2, "ef"));
  EXPECT_EQ(box.inbox.collect(alice, "i", Kind::call), "abcdef");
  EXPECT_FALSE(box.inbox.collect(alice, "i", Kind::call));
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, messages_of_one_peer_and_of_several_do_not_mix) {
  Box box;
  for (const xmpp::Jid& from : {alice, other, bob})
    for (const char* id : {"1", "2"}) EXPECT_FALSE(box.first(from, id, 2, from.str().substr(0, 1)));
  for (const xmpp::Jid& from : {bob, alice, other})
    for (const char* id : {"2", "1"}) EXPECT_FALSE(box.next(from, id, 1, id));
  EXPECT_EQ(box.inbox.collect(bob, "1", Kind::call), "b1");
  EXPECT_EQ(box.inbox.collect(other, "2", Kind::call), "a2");
  EXPECT_EQ(box.inbox.size(), 4u);
}

TEST(PieceInbox, what_is_not_whole_is_not_given) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 3, "ab"));
  EXPECT_FALSE(box.inbox.collect(bob, "i", Kind::call)) << "another's";
  EXPECT_FALSE(box.inbox.collect(alice, "i", Kind::answer)) << "no answer";
  EXPECT_FALSE(box.inbox.collect(alice, "i", Kind::call));
  EXPECT_TRUE(box.empty()) << "nor kept";
}

TEST(PieceInbox, a_message_has_at_most_message_bytes_max) {
  Box box;
  EXPECT_FALSE(box.first(alice, "edge", limits::message_bytes_max));
  EXPECT_EQ(box.first(alice, "beyond", limits::message_bytes_max + 1), Condition::policy_violation);
  EXPECT_EQ(box.first(alice, "huge", UINT64_MAX), Condition::policy_violation);
  EXPECT_EQ(box.inbox.size(), 1u);
}

TEST(PieceInbox, an_account_holds_at_most_pieces_bytes_per_account_max) {
  Box box;
  const size_t most = limits::pieces_bytes_per_account_max / limits::message_bytes_max;
  for (size_t i = 0; i < most; ++i)
    EXPECT_FALSE(box.first(i % 2 ? alice : other, std::to_string(i), limits::message_bytes_max));
  EXPECT_EQ(box.first(alice, "beyond", 1), Condition::resource_constraint);
  EXPECT_FALSE(box.first(bob, "i", 1));
  box.inbox.drop(other, "0");
  EXPECT_FALSE(box.first(alice, "again", limits::message_bytes_max));
}

TEST(PieceInbox, all_hold_at_most_pieces_bytes_max) {
  Box box;
  const size_t accounts = limits::pieces_bytes_max / limits::message_bytes_max;
  const auto jid = [](size_t i) { return *xmpp::Jid::parse("a" + std::to_string(i) + "@localhost/x"); };
  for (size_t i = 0; i < accounts; ++i) EXPECT_FALSE(box.first(jid(i), "i", limits::message_bytes_max));
  EXPECT_EQ(box.first(bob, "i", 1), Condition::resource_constraint);
  box.inbox.forget(jid(0));
  EXPECT_FALSE(box.first(bob, "i", 1));
}

TEST(PieceInbox, many_small_messages_count_too) {
  Box box;
  size_t held = 0;
  while (!box.first(alice, std::to_string(held), 1)) ++held;
  EXPECT_EQ(held, limits::pieces_bytes_per_account_max / limits::piece_bytes_max);
  EXPECT_LT(held, 1000u);
}

TEST(PieceInbox, a_piece_has_at_most_piece_bytes_max) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 1'000'000, std::string(limits::piece_bytes_max, 'x')));
  EXPECT_EQ(box.next(alice, "i", 1, std::string(limits::piece_bytes_max + 1, 'x')), Condition::bad_request);
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, a_message_whose_next_piece_does_not_come_is_dropped) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 9));
  EXPECT_EQ(box.inbox.next_time(), box.now + limits::piece_silence_time);
  box.now += limits::piece_silence_time - 1ns;
  box.inbox.on_time(box.now);
  EXPECT_FALSE(box.next(alice, "i", 1));
  box.now += limits::piece_silence_time - 1ns;
  box.inbox.on_time(box.now);
  EXPECT_EQ(box.inbox.size(), 1u);
  box.now += 1ns;
  box.inbox.on_time(box.now);
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(box.next(alice, "i", 2), Condition::item_not_found);
  // A whole that nobody asks for goes likewise.
  EXPECT_FALSE(box.first(alice, "j", 1));
  box.now += limits::piece_silence_time;
  box.inbox.on_time(box.now);
  EXPECT_FALSE(box.inbox.collect(alice, "j", Kind::call));
  EXPECT_TRUE(box.empty());
}

// ---- Hostile pieces: the standard's error, and nothing is kept ----

TEST(PieceInbox, pieces_in_the_wrong_order) {
  for (const uint64_t seq : {0u, 2u, 3u}) {
    Box box;
    EXPECT_FALSE(box.first(alice, "i", 9));
    EXPECT_EQ(seq == 0 ? box.first(alice, "i", 9) : box.next(alice, "i", seq), Condition::unexpected_request) << seq;
    EXPECT_TRUE(box.empty());
  }
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 9));
  EXPECT_FALSE(box.next(alice, "i", 1));
  EXPECT_EQ(box.next(alice, "i", 1), Condition::unexpected_request) << "the same again";
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, pieces_of_no_message) {
  Box box;
  EXPECT_EQ(box.next(alice, "i", 1), Condition::item_not_found);
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, pieces_of_a_message_of_another) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 9));
  EXPECT_EQ(box.next(bob, "i", 1), Condition::item_not_found);
  EXPECT_EQ(box.next(other, "i", 1), Condition::item_not_found);
  box.inbox.drop(bob, "i");
  box.inbox.forget(bob);
  EXPECT_FALSE(box.next(alice, "i", 1)) << "which goes on";
}

TEST(PieceInbox, more_than_was_said) {
  Box box;
  EXPECT_EQ(box.first(alice, "i", 1, "ab"), Condition::bad_request);
  EXPECT_TRUE(box.empty());
  EXPECT_FALSE(box.first(alice, "i", 3, "ab"));
  EXPECT_EQ(box.next(alice, "i", 1, "cd"), Condition::bad_request);
  EXPECT_TRUE(box.empty());
  EXPECT_FALSE(box.first(alice, "i", 2, "ab"));
  EXPECT_EQ(box.next(alice, "i", 1, "c"), Condition::bad_request) << "it was whole";
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, pieces_that_are_none) {
  const xml::Element good = pieces::to_element(Piece{"i", 0, Kind::call, 9, "x"});
  std::vector<xml::Element> bad;
  for (const char* name : {"id", "seq", "for", "size"}) {
    bad.push_back(good);
    bad.back().unset(name);
    for (const char* value : {"", "-1", "1x", " 1", "18446744073709551616"}) {
      bad.push_back(good);
      bad.back().set(name, std::string_view(name) == "id" ? std::string(65, 'x') : std::string(value));
    }
  }
  for (const char* text : {"", "=", "eA", "eA==eA==", "e A=", "\xc3\xa4"}) {
    bad.push_back(good);
    bad.back().nodes().clear();
    bad.back().add_text(text);
  }
  bad.push_back(good);
  bad.back().add("piece");
  for (const xml::Element& piece : bad) {
    Box box;
    EXPECT_EQ(box.take(alice, piece), Condition::bad_request) << xml::write(piece);
    EXPECT_TRUE(box.empty());
    // In the middle of a message they are its end.
    EXPECT_FALSE(box.first(alice, "i", 9));
    if (piece.attr_or("id", "") != "i") continue;
    EXPECT_TRUE(box.take(alice, piece));
    EXPECT_TRUE(box.empty()) << xml::write(piece);
  }
}

TEST(PieceInbox, who_is_not_expected_begins_nothing) {
  Box box;
  box.refusal = xmpp::StanzaError(Condition::forbidden);
  EXPECT_EQ(box.first(alice, "i", 9), Condition::forbidden);
  EXPECT_TRUE(box.empty());
}

TEST(PieceInbox, a_peer_that_has_gone_leaves_nothing) {
  Box box;
  EXPECT_FALSE(box.first(alice, "i", 9));
  EXPECT_FALSE(box.take(alice, Piece{"j", 0, Kind::answer, 9, "x"}));
  EXPECT_FALSE(box.first(other, "i", 9));
  box.inbox.forget(alice, Kind::answer);
  EXPECT_EQ(box.inbox.size(), 2u);
  box.inbox.forget(alice);
  EXPECT_EQ(box.inbox.size(), 1u);
  box.inbox.clear();
  EXPECT_TRUE(box.empty());
}

}  // namespace
}  // namespace xbus
