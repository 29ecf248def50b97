// The limits of queues as they are, at the edge and one beyond.
#include "bus/limits.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "bus/router/outbox.hpp"
#include "bus/router/splice.hpp"

namespace xbus::router {
namespace {

std::shared_ptr<const std::string> bytes(size_t count) {
  return std::make_shared<const std::string>(count, 'x');
}

TEST(Limits, queue_bytes_per_connection_max) {
  Quota quota(limits::queue_bytes_per_account_max);
  BufferPool pool;
  Outbox outbox(quota, limits::queue_bytes_per_connection_max, pool);
  auto one = bytes(limits::queue_bytes_per_connection_max / 16);
  for (int i = 0; i < 16; ++i) ASSERT_TRUE(outbox.push(one));
  EXPECT_EQ(outbox.bytes(), limits::queue_bytes_per_connection_max);
  EXPECT_FALSE(outbox.push(bytes(1)));
  EXPECT_FALSE(outbox.push(std::string_view("x")));
  outbox.push_stream("</stream:stream>");  // the end is always said
  EXPECT_EQ(outbox.bytes(), limits::queue_bytes_per_connection_max + 16);
}

TEST(Limits, queue_bytes_per_account_max) {
  Quota quota(limits::queue_bytes_per_account_max);
  constexpr size_t each = limits::queue_bytes_per_connection_max;
  std::vector<std::unique_ptr<Charge>> charges;
  for (size_t i = 0; i < limits::queue_bytes_per_account_max / each; ++i)
    charges.push_back(std::make_unique<Charge>(quota, each));
  // Half of it for whoever comes first, the other half in even shares.
  constexpr size_t half = limits::queue_bytes_per_account_max / 2;
  for (size_t i = 0; i < half / each; ++i) ASSERT_TRUE(charges[i]->add(each));
  EXPECT_EQ(quota.bytes(), half);
  EXPECT_FALSE(charges[0]->add(1));
  size_t share = half / charges.size();
  for (size_t i = half / each; i < charges.size(); ++i) {
    EXPECT_TRUE(charges[i]->add(share));
    EXPECT_FALSE(charges[i]->add(1));
  }
  EXPECT_LE(quota.bytes(), limits::queue_bytes_per_account_max);
}

TEST(Limits, queue_buffer_bytes) {
  Quota quota(limits::queue_bytes_per_account_max);
  BufferPool pool;
  Outbox outbox(quota, limits::queue_bytes_per_connection_max, pool);
  ASSERT_TRUE(outbox.push(std::string(limits::queue_buffer_bytes, 'x')));
  EXPECT_EQ(outbox.pieces().size(), 1u);
  ASSERT_TRUE(outbox.push(std::string_view("y")));  // no room behind it
  EXPECT_EQ(outbox.pieces().size(), 2u);
  ASSERT_TRUE(outbox.push(std::string(limits::queue_buffer_bytes + 1, 'x')));
  EXPECT_EQ(outbox.pieces().back().capacity, limits::queue_buffer_bytes + 1);
}

TEST(Limits, stanza_bytes_stamped_max) {
  auto message = [](size_t size) {
    std::string head = "<message><body>", tail = "</body></message>";
    return head + std::string(size - head.size() - tail.size(), 'x') + tail;
  };
  size_t edge = limits::stanza_bytes_max + limits::stanza_bytes_stamped_max;
  EXPECT_TRUE(relayable(message(edge), xml::ns_client, limits::stanza_bytes_max));
  EXPECT_FALSE(relayable(message(edge + 1), xml::ns_client, limits::stanza_bytes_max));
}

TEST(Limits, xml_attributes_stamped_max) {
  auto message = [](size_t attributes) {
    std::string text = "<message";
    for (size_t i = 0; i < attributes; ++i) text += " a" + std::to_string(i) + "=''";
    return text + "/>";
  };
  size_t edge = limits::xml_attributes_max + limits::xml_attributes_stamped_max;
  EXPECT_TRUE(relayable(message(edge), xml::ns_client, limits::stanza_bytes_max));
  EXPECT_FALSE(relayable(message(edge + 1), xml::ns_client, limits::stanza_bytes_max));
  EXPECT_FALSE(relayable("<message/><message/>", xml::ns_client, limits::stanza_bytes_max));
  EXPECT_FALSE(relayable("<message>", xml::ns_client, limits::stanza_bytes_max));
}

}  // namespace
}  // namespace xbus::router
