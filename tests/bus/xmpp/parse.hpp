// Elements from text, for tests.
#pragma once
#include <gtest/gtest.h>

#include <string_view>

#include "bus/xml/element.hpp"

namespace xbus::xmpp {

// The element that `text` spells inside a client's stream.
inline xml::Element element(std::string_view text) {
  auto parsed = xml::parse(text, xml::ns_client);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : xml::Element();
}

}  // namespace xbus::xmpp
