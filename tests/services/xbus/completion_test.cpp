#include "services/xbus/completion.hpp"

#include <gtest/gtest.h>

#include "services/common/command_line.hpp"
#include "services/xbus/verbs.hpp"

namespace xbus::cli {
namespace {

// The real verbs, and a bus with two services.
class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    line_.text("--bus", word_, "where");
    line_.text("--context", word_, "which");
    line_.choice("-o,--output", word_, {"auto", "json", "table"}, "how");
    list_verb(line_, invocation_);
    call_verb(line_, invocation_);
    account_verb(line_, invocation_);
    name_verb(line_, invocation_);
    monitor_verb(line_, invocation_);
    help_verb(line_, invocation_);
    template_verb(line_, invocation_);
    complete_verb(line_, invocation_);
    doctor_verb(line_, invocation_);
    trace_verb(line_, invocation_);
    shape_ = line_.shape();

    Description lamp;
    lamp.name = "lamp";
    lamp.doc = "Lights.\nMore of it.";
    lamp.types.add(Type::Kind::enumeration, "Colour");
    lamp.types.fill("Colour", {Type::Kind::enumeration, "Colour", {}, {"red", "green", "grey"}});
    MethodDescription set;
    set.name = "set";
    set.doc = "Switches it.";
    set.params = {{"on", Type::Kind::boolean},
                  {"colour", Type::optional(Type::named(Type::Kind::enumeration, "Colour"))},
                  {"text", Type::Kind::string}};
    lamp.methods = {set};
    known_.domain = "localhost";
    known_.services.push_back(
        {"lamp", "h", {"one", "two"}, {"u@localhost/one", "u@localhost/two"}, {"set"}, lamp});
    known_.services.push_back(
        {"ladder", "", {"x"}, {"u@localhost/x"}, {"up", "system.describe"}, {}});
    contexts_.all.push_back({"work", "xmpps://bus.example", "", "", {}, {}});
  }

  std::vector<std::string> texts(const std::vector<std::string>& words) const {
    std::vector<std::string> out;
    const auto found = complete(typed_line(shape_, words), known_, contexts_);
    if (found.files) out.push_back(":files");
    for (const Candidate& candidate : found.candidates) out.push_back(candidate.text);
    return out;
  }

  using Words = std::vector<std::string>;
  std::string word_;
  Invocation invocation_;
  common::CommandLine line_{"xbus", "The bus.", "1"};
  common::CommandShape shape_;
  Known known_;
  Contexts contexts_;
};

TEST_F(CompletionTest, verbs_and_actions) {
  EXPECT_EQ(texts({"ca"}), Words{"call"});
  EXPECT_EQ(texts({"account", "a"}), Words{"add"});
  EXPECT_EQ(texts({"help", "te"}), Words{"template"});
  EXPECT_EQ(texts({"help", "account", "pa"}), Words{"passwd"});
  EXPECT_EQ(texts({"compl"}), Words{});  // is for programs
}

TEST_F(CompletionTest, what_is_looked_at_and_where_to) {
  EXPECT_EQ(texts({"doc"}), Words{"doctor"});
  EXPECT_EQ(texts({"doctor", "la"}), (Words{"lamp", "ladder"}));
  EXPECT_EQ(texts({"trace", "l"}), (Words{"lamp", "ladder", "localhost"}));
  EXPECT_EQ(texts({"trace", "u@localhost/t"}), Words{"u@localhost/two"});
  EXPECT_TRUE(asks_the_bus(typed_line(shape_, Words{"trace", ""})));
}

TEST_F(CompletionTest, options_and_their_values) {
  EXPECT_EQ(texts({"call", "--ins"}), Words{"--instance"});
  EXPECT_EQ(texts({"call", "--conte"}), Words{"--context"});  // of the program
  EXPECT_EQ(texts({"call", "-o", "t"}), Words{"table"});
  EXPECT_EQ(texts({"--output=j"}), Words{"json"});
  EXPECT_EQ(texts({"--context", ""}), Words{"work"});
  EXPECT_EQ(texts({"template", "--as", ""}), (Words{"json", "command", "xml", "grpcurl"}));
  EXPECT_EQ(texts({"account", "add", "--new-password-file", ""}), Words{":files"});
  EXPECT_EQ(texts({"call", "lamp", "set", "--key", ""}), Words{});  // no file there
}

TEST_F(CompletionTest, services_methods_and_instances) {
  EXPECT_EQ(texts({"call", "la"}), (Words{"lamp", "ladder"}));
  EXPECT_EQ(texts({"call", "lamp", ""}), Words{"set"});
  EXPECT_EQ(texts({"call", "ladder", ""}), Words{"up"});
  EXPECT_EQ(texts({"call", "nobody", ""}), Words{});
  EXPECT_EQ(texts({"call", "lamp", "set", "--instance", ""}), (Words{"one", "two"}));
  EXPECT_EQ(texts({"name", "give", "l"}), (Words{"lamp", "ladder"}));
  EXPECT_EQ(texts({"account", "add", ""}), Words{});
  const auto found = complete(typed_line(shape_, Words{"call", "lam"}), known_, contexts_);
  EXPECT_EQ(found.candidates, (std::vector<Candidate>{{"lamp", "Lights."}}));
}

TEST_F(CompletionTest, what_a_monitor_looks_for) {
  EXPECT_EQ(texts({"monitor", "--service", "la"}), (Words{"lamp", "ladder"}));
  EXPECT_EQ(texts({"monitor", "--from", "u@localhost/o"}), Words{"u@localhost/one"});
  EXPECT_EQ(texts({"monitor", "--to", "loc"}), Words{"localhost"});
  EXPECT_EQ(texts({"monitor", "--kind", ""}), (Words{"iq", "message", "presence"}));
  EXPECT_EQ(texts({"monitor", "--capture", ""}), Words{":files"});
  EXPECT_EQ(texts({"monitor", "--replay", ""}), Words{":files"});
  EXPECT_TRUE(asks_the_bus(typed_line(shape_, Words{"monitor", "--service", ""})));
  EXPECT_FALSE(asks_the_bus(typed_line(shape_, Words{"monitor", "--kind", ""})));
}

TEST_F(CompletionTest, arguments_by_their_types) {
  EXPECT_EQ(texts({"call", "lamp", "set", ""}), (Words{"true", "false"}));
  EXPECT_EQ(texts({"call", "lamp", "set", "true", "gr"}), (Words{"green", "grey"}));
  EXPECT_EQ(texts({"call", "lamp", "set", "true", "red", ""}), Words{});
  EXPECT_EQ(texts({"call", "lamp", "set", "true", "red", "x", ""}), Words{});
  EXPECT_EQ(texts({"call", "lamp", "set", "--one-way", "--", "f"}), Words{"false"});
}

TEST_F(CompletionTest, what_a_peer_says_is_quoted_or_left_out) {
  known_.services = {
      {"$(rm -rf ~);'x", "", {}, {}, {}, {}}, {"lamp\x1b[2J", "", {}, {}, {}, {}},
      {"lamp\tx", "", {}, {}, {}, {}},        {"lamp\n:files", "", {}, {}, {}, {}},
      {"l\xC3\xA4mp", "", {}, {}, {}, {}},    {"lamp\xE2\x80\xAE", "", {}, {}, {}, {}}};
  EXPECT_EQ(texts({"call", "l"}), Words{"l\xC3\xA4mp"});
  const TypedLine line = typed_line(shape_, Words{"call", "$"});
  EXPECT_EQ(shell_lines(complete(line, known_, contexts_), "bash", line, "$"),
            "\\$\\(rm\\ -rf\\ \\~\\)\\;\\'x\n");
  known_.services = {{"lamp", "h", {}, {}, {}, Description()}};
  known_.services[0].description->doc = "a\x1b[2J\tb";
  const TypedLine lamp = typed_line(shape_, Words{"call", "la"});
  EXPECT_EQ(shell_lines(complete(lamp, known_, contexts_), "fish", lamp, ""),
            "lamp\ta\\u{1b}[2J\\u{9}b\n");
}

TEST_F(CompletionTest, bash_gets_what_it_counts_to_the_word) {
  const TypedLine value = typed_line(shape_, Words{"--output=j"});
  const auto found = complete(value, known_, contexts_);
  EXPECT_EQ(shell_lines(found, "bash", value, "j"), "json\n");
  EXPECT_EQ(shell_lines(found, "bash", value, "--output=j"), "--output=json\n");
  EXPECT_EQ(shell_lines(found, "zsh", value, ""), "--output=json\t\n");
  known_.services = {{"a:b:c", "", {}, {}, {}, {}}};
  const TypedLine colons = typed_line(shape_, Words{"call", "a:b"});
  EXPECT_EQ(shell_lines(complete(colons, known_, contexts_), "bash", colons, "b"), "b:c\n");
}

}  // namespace
}  // namespace xbus::cli
