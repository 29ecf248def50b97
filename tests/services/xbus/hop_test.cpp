#include "services/xbus/hop.hpp"

#include <gtest/gtest.h>

#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

using namespace std::chrono_literals;
using client::Answer;
using xmpp::Condition;
using Role = Hop::Role;

Answer error(Condition condition, const std::string& text = {}) {
  Answer answer;
  answer.kind = Answer::Kind::error;
  answer.error = xmpp::StanzaError(condition, text);
  return answer;
}
Answer result() {
  Answer answer;
  answer.kind = Answer::Kind::result;
  return answer;
}
Answer silence() {
  Answer answer;
  answer.kind = Answer::Kind::timed_out;
  return answer;
}
Hop hop(Role role, const Answer& answer) {
  Hop out{.role = role, .name = "a@b"};
  out.note(answer, 2ms);
  return out;
}

TEST(Hop, answers_are_counted_and_timed) {
  Hop out{.role = Role::instance, .name = "agent@localhost/h"};
  out.note(result(), 2ms);
  out.note(result(), 4ms);
  EXPECT_TRUE(out.well());
  EXPECT_EQ(json_text(hop_value(out)),
            "{\"hop\":\"instance\",\"jid\":\"agent@localhost/h\",\"result\":\"ok\",\"is\":\"\","
            "\"asked\":2,\"answered\":2,\"milliseconds\":3.0,\"least\":2.0,\"most\":4.0}");
  out.note(silence(), 3s);
  EXPECT_FALSE(out.well());
  EXPECT_EQ(out.answered, 2u);
  EXPECT_NE(hop_line(out, {}).find("2 of 3 answered"), std::string::npos) << hop_line(out, {});
}

TEST(Hop, an_error_that_only_the_entity_itself_can_give_is_an_answer) {
  EXPECT_TRUE(hop(Role::resource, error(Condition::feature_not_implemented)).well());
  EXPECT_FALSE(hop(Role::resource, error(Condition::service_unavailable)).well());
}

TEST(Hop, each_error_has_a_meaning_that_depends_on_the_place) {
  const auto means = [](Role role, const Answer& answer) { return hop(role, answer).means; };
  EXPECT_NE(means(Role::domain, error(Condition::remote_server_not_found)).find("federate"),
            std::string::npos);
  EXPECT_NE(means(Role::account, error(Condition::service_unavailable)).find("no such account"),
            std::string::npos);
  EXPECT_NE(means(Role::service, error(Condition::item_not_found)).find("listed"),
            std::string::npos);
  EXPECT_NE(
      means(Role::resource, error(Condition::recipient_unavailable)).find("nobody is connected"),
      std::string::npos);
  EXPECT_NE(means(Role::service, error(Condition::forbidden)).find("may not"), std::string::npos);
  EXPECT_NE(means(Role::domain, error(Condition::forbidden)).find("federate"), std::string::npos);
  EXPECT_NE(means(Role::instance, silence()).find("hangs"), std::string::npos);
  EXPECT_EQ(hop(Role::instance, silence()).fault->kind(), Fault::Kind::timeout);
  EXPECT_EQ(hop(Role::domain, error(Condition::remote_server_not_found)).fault->kind(),
            Fault::Kind::no_such_domain);
  for (int condition = 0; condition <= static_cast<int>(Condition::unexpected_request); ++condition)
    for (int role = 0; role <= static_cast<int>(Role::resource); ++role)
      EXPECT_FALSE(
          meaning(static_cast<Role>(role), error(static_cast<Condition>(condition))).empty());
}

TEST(Hop, a_line_holds_nothing_that_acts_on_a_terminal) {
  Hop out = hop(Role::domain, error(Condition::service_unavailable, "\x1b[31m"));
  out.name = "x\x1b[2J";
  out.is = "server/im \"\u202eevil\n\"";
  const std::string line = hop_line(out, {});
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(line.find("\u202e"), std::string::npos);
  EXPECT_NE(line.find("service-unavailable: nothing is connected there"), std::string::npos)
      << line;
}

}  // namespace
}  // namespace xbus::cli
