#include "bus/router/outbox.hpp"

#include <gtest/gtest.h>

#include <array>

namespace xbus::router {
namespace {

class OutboxTest : public testing::Test {
 protected:
  // Takes what is queued and writes `bytes` of it, as a socket would.
  std::string write(size_t bytes) {
    outbox_.take(flight_);
    std::array<std::string_view, 8> pieces;
    std::string out;
    for (;;) {
      size_t count = flight_.gather(pieces.data(), pieces.size());
      size_t taken = 0;
      for (size_t i = 0; i < count; ++i) {
        size_t part = std::min(pieces[i].size(), bytes - out.size());
        out += pieces[i].substr(0, part);
        taken += part;
      }
      if (taken == 0) return out;
      std::vector<Piece> done;
      flight_.written(taken, done);
      outbox_.written(taken, done);
    }
  }

  Quota quota_{100'000};
  BufferPool pool_;
  Outbox outbox_{quota_, 60'000, pool_};
  Flight flight_;
};

TEST_F(OutboxTest, stanzas_are_gathered_into_one_piece) {
  EXPECT_TRUE(outbox_.push("<a/>"));
  EXPECT_TRUE(outbox_.push("<b/>"));
  EXPECT_EQ(outbox_.pieces().size(), 1u);
  EXPECT_EQ(outbox_.bytes(), 8u);
  EXPECT_EQ(quota_.bytes(), 8u);
  EXPECT_EQ(write(100), "<a/><b/>");
  EXPECT_TRUE(flight_.empty());
  EXPECT_EQ(quota_.bytes(), 0u);
}

TEST_F(OutboxTest, a_partial_write_keeps_the_rest_and_the_charge) {
  ASSERT_TRUE(outbox_.push("0123456789"));
  EXPECT_EQ(write(4), "0123");
  EXPECT_EQ(quota_.bytes(), 6u);
  ASSERT_TRUE(outbox_.push("abc"));
  EXPECT_EQ(write(100), "456789abc");
  EXPECT_EQ(quota_.bytes(), 0u);
}

TEST_F(OutboxTest, shared_bytes_keep_their_place) {
  auto shared = std::make_shared<const std::string>("<shared/>");
  ASSERT_TRUE(outbox_.push("<a/>"));
  ASSERT_TRUE(outbox_.push(shared));
  ASSERT_TRUE(outbox_.push("<b/>"));
  EXPECT_EQ(shared.use_count(), 2);
  EXPECT_EQ(write(6), "<a/><s");
  EXPECT_EQ(write(100), "hared/><b/>");
  EXPECT_EQ(shared.use_count(), 1);
}

TEST_F(OutboxTest, more_than_a_buffer_comes_out_in_order) {
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    std::string stanza = "<s n='" + std::to_string(i) + "'/>";
    ASSERT_TRUE(outbox_.push(stanza));
    all += stanza;
  }
  EXPECT_GT(outbox_.pieces().size(), 1u);
  std::string out;
  while (out.size() < all.size()) out += write(777);
  EXPECT_EQ(out, all);
}

TEST_F(OutboxTest, a_stanza_larger_than_a_buffer_has_its_own) {
  std::string big(40'000, 'x');
  ASSERT_TRUE(outbox_.push(big));
  EXPECT_EQ(outbox_.pieces().size(), 1u);
  EXPECT_EQ(write(100'000), big);
}

TEST_F(OutboxTest, over_the_bound_nothing_is_queued) {
  std::string most(50'000, 'x');
  ASSERT_TRUE(outbox_.push(most));
  EXPECT_FALSE(outbox_.push("y"));
  EXPECT_FALSE(outbox_.push(std::make_shared<const std::string>("z")));
  outbox_.push_stream("</stream:stream>");
  EXPECT_EQ(write(100'000), most + "</stream:stream>");
}

TEST_F(OutboxTest, an_idle_queue_holds_no_buffer) {
  ASSERT_TRUE(outbox_.push("<a/>"));
  write(100);
  EXPECT_TRUE(outbox_.empty());
  EXPECT_TRUE(outbox_.pieces().empty());
}

}  // namespace
}  // namespace xbus::router
