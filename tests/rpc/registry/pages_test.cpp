#include "rpc/registry/pages.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "bus/limits.hpp"
#include "rpc/registry/protocol.hpp"
#include "tests/rpc/registry/stage.hpp"

namespace xbus::registry {
namespace {

std::vector<PageEntry> entries(size_t count, size_t bytes = 0) {
  std::vector<PageEntry> out;
  for (size_t i = 0; i < count; ++i) {
    const std::string id = "n" + std::to_string(1000 + i);
    xml::Element one("service", std::string(ns_registry));
    one.set("name", id);
    if (bytes > 0) one.set("wordy", std::string(bytes, 'x'));
    out.push_back({id, std::move(one)});
  }
  return out;
}

struct Told {
  std::vector<std::string> names;
  std::optional<xmpp::Page> page;
};

Told told(const xmpp::PageRequest& request, std::vector<PageEntry> all) {
  const xml::Element list =
      page_of(xml::Element("services", std::string(ns_registry)), std::move(all), request);
  EXPECT_LE(xml::write(list).size(), limits::registry_answer_bytes_max);
  Told out;
  for (const ServiceInfo& service : services_from(list)) out.names.push_back(service.name);
  out.page = xmpp::page_from(list);
  return out;
}

using Names = std::vector<std::string>;

TEST(RegistryPages, a_short_list_is_whole_and_says_nothing_of_pages) {
  const Told all = told({}, entries(3));
  EXPECT_EQ(all.names, (Names{"n1000", "n1001", "n1002"}));
  EXPECT_FALSE(all.page);
}

TEST(RegistryPages, forwards_backwards_by_index_and_the_count_alone) {
  const Told first = told({.max = 2, .after = {}, .before = {}, .index = {}}, entries(5));
  EXPECT_EQ(first.names, (Names{"n1000", "n1001"}));
  EXPECT_EQ(first.page->first_index, 0u);
  EXPECT_EQ(first.page->count, 5u);
  EXPECT_EQ(first.page->last, "n1001");
  EXPECT_EQ(told({.max = 2, .after = "n1003", .before = {}, .index = {}}, entries(5)).names,
            Names{"n1004"});
  EXPECT_EQ(told({.max = 2, .after = {}, .before = "", .index = {}}, entries(5)).names,
            (Names{"n1003", "n1004"}));
  EXPECT_EQ(told({.max = 2, .after = {}, .before = "n1003", .index = {}}, entries(5)).names,
            (Names{"n1001", "n1002"}));
  EXPECT_EQ(told({.max = 2, .after = {}, .before = {}, .index = 3}, entries(5)).names,
            (Names{"n1003", "n1004"}));
  const Told count = told({.max = 0, .after = {}, .before = {}, .index = {}}, entries(5));
  EXPECT_TRUE(count.names.empty());
  EXPECT_EQ(count.page, (xmpp::Page{.first = {}, .last = {}, .first_index = {}, .count = 5}));
}

TEST(RegistryPages, beyond_the_end_is_an_empty_page) {
  EXPECT_TRUE(told({.max = 2, .after = "z", .before = {}, .index = {}}, entries(5)).names.empty());
  EXPECT_TRUE(told({.max = 2, .after = {}, .before = "a", .index = {}}, entries(5)).names.empty());
  EXPECT_TRUE(told({.max = 2, .after = {}, .before = {}, .index = 99}, entries(5)).names.empty());
  EXPECT_TRUE(told({.max = 2, .after = {}, .before = {}, .index = {}}, {}).names.empty());
}

TEST(RegistryPages, what_has_gone_meanwhile_still_has_its_place) {
  EXPECT_EQ(told({.max = 1, .after = "n1001x", .before = {}, .index = {}}, entries(5)).names,
            Names{"n1002"});
}

TEST(RegistryPages, CORE_44_bytes_end_a_page_and_the_next_goes_on) {
  for (const bool backwards : {false, true}) {
    xmpp::PageRequest request;
    if (backwards) request.before = "";
    Names all;
    size_t pages = 0;
    while (true) {
      Told page = told(request, entries(100, 10'000));
      if (page.names.empty()) break;
      ++pages;
      all.insert(backwards ? all.begin() : all.end(), page.names.begin(), page.names.end());
      (backwards ? request.before : request.after) =
          backwards ? page.names.front() : page.names.back();
    }
    EXPECT_EQ(all.size(), 100u);
    EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
    EXPECT_GE(pages, 4u);
  }
}

// ---- as the registry answers ----

constexpr size_t many = 150;

std::string ask(const std::string& payload) {
  return "<iq type='get' from='bob@localhost/two' to='services.localhost' id='1'>" + payload +
         "</iq>";
}

TEST(RegistryPages, DISCO_02_services_names_and_items_come_in_pages) {
  Stage stage;
  for (size_t i = 0; i < many; ++i)
    stage.join("a" + std::to_string(i) + "@localhost/one", "calc" + std::to_string(1000 + i));
  for (const auto& [name, ns] :
       {std::pair<std::string, std::string>{"services", std::string(ns_registry)},
        {"names", std::string(ns_registry)},
        {"query", "http://jabber.org/protocol/disco#items"}}) {
    size_t seen = 0;
    std::string after;
    while (true) {
      const std::string behind = after.empty() ? "" : "<after>" + after + "</after>";
      stage.tell(ask("<" + name + " xmlns='" + ns + "'><set xmlns='" + std::string(xmpp::ns_rsm) +
                     "'><max>40</max>" + behind + "</set></" + name + ">"));
      const xml::Element answer = stage.next("bob@localhost/two");
      const xml::Element& list = *answer.first_element();
      const auto page = xmpp::page_from(list);
      ASSERT_TRUE(page) << name;
      EXPECT_EQ(page->count, many);
      EXPECT_LE(list.element_count() - 1, 40u);
      seen += list.element_count() - 1;
      if (!page->last) break;
      after = *page->last;
    }
    EXPECT_EQ(seen, many) << name;
    stage.tell(ask("<" + name + " xmlns='" + ns + "'><set xmlns='" + std::string(xmpp::ns_rsm) +
                   "'><max>many</max></set></" + name + ">"));
    EXPECT_EQ(condition(stage.next("bob@localhost/two")), "bad-request") << name;
  }
}

}  // namespace
}  // namespace xbus::registry
