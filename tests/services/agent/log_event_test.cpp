#include "services/agent/log_event.hpp"

#include <gtest/gtest.h>

namespace xbus::agent {
namespace {

LogEvent disk_trouble() {
  LogEvent event;
  event.host = "web1";
  event.unit = "db.service";
  event.line.time = Timestamp(std::chrono::seconds(1'700'000'000));
  event.line.priority = "err";
  event.line.program = "db";
  event.line.pid = 77;
  event.line.message = "no space < 1 block";
  return event;
}

TEST(LogEvent, is_an_event_of_xep_0337) {
  LogEvent event = disk_trouble();
  event.missed = 3;
  const xml::Element log = eventlog_of(event);
  EXPECT_TRUE(log.is("log", ns_eventlog));
  EXPECT_EQ(log.attr_or("timestamp", "").substr(0, 19), "2023-11-14T22:13:20");
  EXPECT_EQ(log.attr_or("type", ""), "Error");
  EXPECT_EQ(log.attr_or("object", ""), "db.service");
  EXPECT_EQ(log.attr_or("module", ""), "db");
  ASSERT_NE(log.first("message", ns_eventlog), nullptr);
  EXPECT_EQ(log.first("message", ns_eventlog)->text(), "no space < 1 block");
  const std::string text = xml::write(log);
  EXPECT_LT(text.find("<message"), text.find("<tag"));  // section 3.6: tags come after the message
  EXPECT_NE(text.find("web1"), std::string::npos);
  EXPECT_NE(text.find("missed"), std::string::npos);
  EXPECT_EQ(text_of(event), "web1: db.service: [err] db: no space < 1 block");
}

TEST(LogEvent, what_is_not_known_is_left_out) {
  LogEvent event = disk_trouble();
  event.unit.clear();
  event.line.program.clear();
  event.line.pid = 0;
  event.line.priority = "odd";
  const xml::Element log = eventlog_of(event);
  EXPECT_EQ(log.attr("object"), nullptr);
  EXPECT_EQ(log.attr("module"), nullptr);
  EXPECT_EQ(log.attr_or("type", ""), "Informational");
  EXPECT_EQ(xml::write(log).find("pid"), std::string::npos);
  EXPECT_EQ(xml::write(log).find("missed"), std::string::npos);
}

}  // namespace
}  // namespace xbus::agent
