#include "services/xbus/call_template.hpp"

#include <gtest/gtest.h>

#include "rpc/arguments.hpp"
#include "rpc/fault.hpp"
#include "rpc/jabber_rpc.hpp"
#include "rpc/json.hpp"

namespace xbus::cli {
namespace {

using Kind = Type::Kind;

// Every kind of type, and a structure that holds lists of itself.
Description everything() {
  Description out;
  out.name = "lab.Test-Bench";
  out.types.add(Kind::structure, "Node");
  out.types.fill("Node", {Kind::structure,
                          "Node",
                          {{"label", Kind::string},
                           {"parent", Type::optional(Type::named(Kind::structure, "Node"))},
                           {"children", Type::list(Type::named(Kind::structure, "Node"))},
                           {"by_name", Type::map(Type::named(Kind::structure, "Node"))},
                           {"weight", Kind::real32}},
                          {}});
  out.types.add(Kind::enumeration, "State");
  out.types.fill("State", {Kind::enumeration, "State", {}, {"up", "down"}});
  MethodDescription method;
  method.name = "run";
  int i = 0;
  for (const Kind kind :
       {Kind::boolean, Kind::int8, Kind::int16, Kind::int32, Kind::int64, Kind::uint8, Kind::uint16,
        Kind::uint32, Kind::uint64, Kind::real32, Kind::real64, Kind::string, Kind::bytes,
        Kind::timestamp, Kind::duration, Kind::any})
    method.params.push_back({"p" + std::to_string(++i), kind});
  method.params.push_back({"state", Type::named(Kind::enumeration, "State")});
  method.params.push_back({"node", Type::named(Kind::structure, "Node")});
  method.params.push_back({"list", Type::list(Type::list(Kind::int32))});
  method.params.push_back({"map", Type::map(Kind::timestamp)});
  method.params.push_back({"maybe", Type::optional(Kind::int32)});
  out.methods.push_back(std::move(method));
  return out;
}

// The words of a line as sh reads them, for single quotes.
std::vector<std::string> shell_words(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false, any = false;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (c == '\'') {
      quoted = !quoted;
      any = true;
    } else if (!quoted && c == '\\') {
      word += line[++i];
    } else if (!quoted && (c == ' ' || c == '\n')) {
      if (any || !word.empty()) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
    }
  }
  return words;
}

TEST(CallTemplate, json_as_it_is_given_is_accepted) {
  const Description all = everything();
  const MethodDescription& method = all.methods.front();
  const std::string text = json_template(method, all.types);
  const auto values = json_arguments(text, method.params, all.types);
  EXPECT_EQ(values.size(), method.params.size());
  EXPECT_TRUE(values.back().is_nil());
  EXPECT_NE(text.find("\"state\": \"up\""), std::string::npos) << text;
}

TEST(CallTemplate, the_command_as_it_is_given_is_accepted) {
  const Description all = everything();
  const MethodDescription& method = all.methods.front();
  const auto words = shell_words(command_template("it's a test", method, all.types));
  ASSERT_EQ(words.size(), 4 + method.params.size());
  EXPECT_EQ(words[2], "it's a test");
  EXPECT_EQ(words[3], "run");
  const std::vector<std::string> arguments(words.begin() + 4, words.end());
  EXPECT_EQ(typed_arguments(arguments, method.params, all.types),
            json_arguments(json_template(method, all.types), method.params, all.types));
}

TEST(CallTemplate, the_stanza_is_a_call_that_a_strict_peer_reads) {
  const Description all = everything();
  const auto to = xmpp::Jid::parse("lab.test-bench@services.localhost");
  const std::string text = xml_template(*to, all.methods.front(), all.types);
  const auto iq = xml::parse(text, xml::ns_client);
  ASSERT_TRUE(iq) << text;
  EXPECT_EQ(iq->attr_or("to", ""), to->str());
  const auto call = jabber_rpc::read_call(*iq);
  ASSERT_TRUE(call) << text;
  EXPECT_EQ(call->method, "run");
  EXPECT_EQ(call->args.size(), all.methods.front().params.size() - 1);
}

TEST(CallTemplate, grpcurl_has_the_names_of_the_protobuf_description) {
  const Description all = everything();
  const std::string line = grpcurl_template(all, all.methods.front());
  const auto words = shell_words(line);
  EXPECT_EQ(words.back(), "lab.Test_Bench/run") << line;
  const auto json = json_value(words.at(3));
  ASSERT_TRUE(json) << line;
  EXPECT_EQ(*json->find("state"), Value("State_up"));
  EXPECT_EQ(json->find("maybe"), nullptr);
}

TEST(CallTemplate, a_word_for_a_shell) {
  EXPECT_EQ(shell_word("agent"), "agent");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("$(id)"), "'$(id)'");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_word("~"), "'~'");
}

}  // namespace
}  // namespace xbus::cli
