#include "services/xbus/watching.hpp"

#include <gtest/gtest.h>

namespace xbus::cli {
namespace {

xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

WatchWords of_service(std::string name) {
  WatchWords words;
  words.service = std::move(name);
  return words;
}

TEST(Watching, words_become_a_filter) {
  WatchWords words;
  EXPECT_EQ(*filter_of(words), server::TapFilter());
  words.from = "Ann@localhost";
  words.kind = "message";
  words.payload = "urn:x";
  words.errors = true;
  const auto filter = filter_of(words);
  ASSERT_TRUE(filter);
  EXPECT_EQ(filter->from.str(), "ann@localhost");
  EXPECT_TRUE(filter->messages && !filter->iqs && !filter->presences && filter->errors);
  EXPECT_EQ(filter->payload_ns, "urn:x");
  words.to = "@";
  EXPECT_EQ(filter_of(words).error(), "\"@\" is no JID");
}

TEST(Watching, a_service_is_its_address_its_instances_and_who_becomes_one) {
  Invocation invocation;
  const WatchWords words = of_service("Agent");
  Watching watching(invocation, words, {});
  const auto wants = [&](std::string_view from, std::string_view to) {
    return watching.wants(
        element("<iq type='get' from='" + std::string(from) + "' to='" + std::string(to) + "'/>"));
  };
  EXPECT_TRUE(wants("ann@localhost/a", "agent@services.localhost"));
  EXPECT_TRUE(wants("agent@services.localhost/token", "ann@localhost/a"));
  EXPECT_FALSE(wants("ann@localhost/a", "agent@localhost"));
  EXPECT_FALSE(wants("ann@localhost/a", "root@localhost/host"));
  watching.learn({"agent", *xmpp::Jid::parse("root@localhost/host")});
  watching.learn({"other", *xmpp::Jid::parse("root@localhost/other")});
  EXPECT_TRUE(wants("ann@localhost/a", "root@localhost/host"));
  EXPECT_FALSE(wants("ann@localhost/a", "root@localhost/other"));
  EXPECT_TRUE(watching.wants(
      element("<presence from='root@localhost/new' to='agent@services.localhost'/>")));
  EXPECT_TRUE(wants("root@localhost/new", "ann@localhost/a"));
}

TEST(Watching, the_first_end_counts) {
  Invocation invocation;
  const WatchWords words;
  Watching watching(invocation, words, {});
  EXPECT_FALSE(watching.over());
  watching.end(3);
  watching.end(0);
  EXPECT_TRUE(watching.over());
  EXPECT_EQ(watching.status(), 3);
}

}  // namespace
}  // namespace xbus::cli
