#include "bus/xmpp/payloads/event_log.hpp"

#include "bus/limits_payloads.hpp"
#include "bus/xmpp/datetime.hpp"
#include "tests/bus/xmpp/payloads/cases.hpp"

namespace xbus::xmpp {
namespace {

std::string log(std::string_view attributes, std::string_view inside = "<message>x</message>") {
  return "<log xmlns='urn:xmpp:eventlog' " + std::string(attributes) + ">" + std::string(inside) +
         "</log>";
}

EventLog at(std::string_view timestamp, std::string_view message) {
  EventLog out;
  out.timestamp = *parse_datetime(timestamp);
  out.message = message;
  return out;
}

TEST(EventLog, examples_of_xep0337) {
  expect_read(log("timestamp='2013-11-10T15:52:23Z'", "<message>Something happened.</message>"),
              at("2013-11-10T15:52:23Z", "Something happened."), event_log_from);
  expect_read(log("timestamp='2013-11-12T11:47:12Z'",
                  "<message>10 objects deleted:\nObject 1\n...\nObject 10</message>"),
              at("2013-11-12T11:47:12Z", "10 objects deleted:\nObject 1\n...\nObject 10"),
              event_log_from);
  EventLog login =
      at("2013-11-10T16:04:45Z", "User attempted to login but provided incorrect password.");
  login.id = "LoginFailed";
  login.type = EventType::warning;
  login.object = "user1";
  login.subject = "10.0.0.1";
  expect_both_ways(
      log("timestamp='2013-11-10T16:04:45Z' type='Warning' level='Minor' id='LoginFailed' "
          "object='user1' "
          "subject='10.0.0.1'",
          "<message>User attempted to login but provided incorrect password.</message>"),
      login, event_log_from);
  EventLog resources = at("2013-11-10T16:07:01Z", "Current resources.");
  resources.tags = {{"RAM", "1655709892", "xs:long"}, {"CPU", "75.45", "xs:double"}};
  expect_both_ways(
      log("timestamp='2013-11-10T16:07:01Z' type='Informational' level='Minor'",
          "<message>Current resources.</message><tag name='RAM' value='1655709892' type='xs:long'/>"
          "<tag name='CPU' value='75.45' type='xs:double'/>"),
      resources, event_log_from);
  EventLog debug = at("2013-11-10T16:12:25Z", "Something is rotten in the state of Denmark.");
  debug.type = EventType::debug;
  debug.level = EventLevel::major;
  debug.facility = "castle";
  debug.module = "My new application";
  debug.tags = {{"s", "Hello World!", "xs:string"}};
  debug.stack_trace = "File1, Line1, ...\nFile2, Line2, ...";
  expect_both_ways(
      log("timestamp='2013-11-10T16:12:25Z' type='Debug' level='Major' facility='castle' "
          "module='My new application'",
          "<message>Something is rotten in the state of Denmark.</message>"
          "<tag name='s' value='Hello World!' type='xs:string'/>"
          "<stackTrace>File1, Line1, ...\nFile2, Line2, ...</stackTrace>"),
      debug, event_log_from);
}

TEST(EventLog, every_type_and_level) {
  size_t seen = 0;
  for (std::string_view word :
       {"Debug", "Informational", "Notice", "Warning", "Error", "Critical", "Alert", "Emergency"}) {
    const auto read = event_log_from(
        element(log("timestamp='2013-11-10T16:12:25Z' type='" + std::string(word) + "'")));
    ASSERT_TRUE(read) << word;
    EXPECT_EQ(read->type, static_cast<EventType>(seen++));
    EXPECT_EQ(word_of(read->type), word);
  }
  seen = 0;
  for (std::string_view word : {"Minor", "Medium", "Major"}) {
    const auto read = event_log_from(
        element(log("timestamp='2013-11-10T16:12:25Z' level='" + std::string(word) + "'")));
    ASSERT_TRUE(read) << word;
    EXPECT_EQ(read->level, static_cast<EventLevel>(seen++));
    EXPECT_EQ(word_of(read->level), word);
  }
}

TEST(EventLog, an_empty_message_and_an_empty_value_are_told) {
  EventLog quiet = at("2013-11-10T16:12:25Z", "");
  quiet.tags = {{"a", "", "xs:string"}};
  expect_both_ways(log("timestamp='2013-11-10T16:12:25Z' type='Informational' level='Minor'",
                       "<message/><tag name='a' value='' type='xs:string'/>"),
                   quiet, event_log_from);
}

TEST(EventLog, what_is_refused) {
  const std::string when = "timestamp='2013-11-10T16:12:25Z' ";
  std::string tags = "<message>x</message>";
  for (size_t i = 0; i <= limits::payload_list_max; ++i) tags += "<tag name='a' value='b'/>";
  expect_refused(event_log_from,
                 {{"<log/>", "another element"},
                  {log(""), "timestamp: missing"},
                  {log("timestamp='today'"), "timestamp: malformed"},
                  {log(when, ""), "message: missing"},
                  {log(when + "type='Trace'"), "type: unknown word"},
                  {log(when + "type='debug'"), "type: unknown word"},
                  {log(when + "level='Huge'"), "level: unknown word"},
                  {log(when, "<message>x</message><tag name='a'/>"), "value: missing"},
                  {log(when, "<message>x</message><tag value='a'/>"), "name: missing"},
                  {log(when, tags), "tag: too many"}});
}

}  // namespace
}  // namespace xbus::xmpp
