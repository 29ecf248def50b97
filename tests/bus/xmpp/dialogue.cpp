#include "tests/bus/xmpp/dialogue.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

#include "bus/xml/scanner.hpp"

namespace xbus::xmpp::testing {
namespace {

constexpr const char* stream_ns = "http://etherx.jabber.org/streams";

std::string open_tag(const std::string& attributes, const std::string& content = "jabber:client") {
  return "<?xml version='1.0'?><stream:stream xmlns='" + content + "' xmlns:stream='" + stream_ns +
         "'" + attributes + ">";
}

const std::map<std::string, std::string, std::less<>>& table() {
  static const std::map<std::string, std::string, std::less<>> names = {
      {"c-open", open_tag(" to='example.org' version='1.0' xml:lang='en'")},
      {"c-open-from",
       open_tag(" from='alice@example.org' to='example.org' version='1.0' xml:lang='en'")},
      {"s-open", open_tag(" from='example.org' id='*' version='1.0' xml:lang='en'")},
      {"s-open-to",
       open_tag(" from='example.org' to='alice@example.org' id='*' version='1.0' xml:lang='en'")},
      {"component-open", open_tag(" to='plays.example.org'", "jabber:component:accept")},
      {"accept-open", open_tag(" from='plays.example.org' id='*'", "jabber:component:accept")},
      {"close", "</stream:stream>"},
      {"sasl", "urn:ietf:params:xml:ns:xmpp-sasl"},
      {"sasl2", "urn:xmpp:sasl:2"},
      {"sasl2-inline",
       "<inline><sm xmlns='urn:xmpp:sm:3'/><bind xmlns='urn:xmpp:bind:0'><inline>"
       "<feature var='urn:xmpp:sm:3'/></inline></bind></inline>"},
      {"tls", "urn:ietf:params:xml:ns:xmpp-tls"},
      {"bind", "urn:ietf:params:xml:ns:xmpp-bind"},
      {"session", "urn:ietf:params:xml:ns:xmpp-session"},
      {"stanzas", "urn:ietf:params:xml:ns:xmpp-stanzas"},
      {"early-limits",
       "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>16384</max-bytes></limits>"},
      // What is left to negotiate once a resource is bound.
      {"bound-features",
       "<stream:features><sm xmlns='urn:xmpp:sm:3'/>"
       "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1048576</max-bytes></limits>"
       "</stream:features>"},
      {"managed-features",
       "<stream:features>"
       "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1048576</max-bytes></limits>"
       "</stream:features>"},
      {"late-features",
       "<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><required/></bind>"
       "<session xmlns='urn:ietf:params:xml:ns:xmpp-session'><optional/></session>"
       "<sm xmlns='urn:xmpp:sm:3'/>"
       "<limits xmlns='urn:xmpp:stream-limits:0'><max-bytes>1048576</max-bytes></limits>"
       "</stream:features>"},
  };
  return names;
}

std::string error_text(std::string_view spec) {
  const size_t bar = spec.find('|');
  const std::string ns = "urn:ietf:params:xml:ns:xmpp-streams";
  std::string out = "<stream:error><" + std::string(spec.substr(0, bar)) + " xmlns='" + ns + "'/>";
  if (bar != std::string_view::npos)
    out +=
        "<text xmlns='" + ns + "' xml:lang='en'>" + std::string(spec.substr(bar + 1)) + "</text>";
  return out + "</stream:error></stream:stream>";
}

struct Line {
  std::string kind, text;
};

// One input and what is expected to come of it. The first step may have no input.
struct Step {
  Line input;
  std::vector<std::string> expected;
};

std::vector<Step> steps_of(std::string_view script, char hears) {
  std::vector<Line> lines;
  std::istringstream in{std::string(script)};
  for (std::string text; std::getline(in, text);) {
    if (text.empty()) continue;
    if (text.starts_with("  ")) {
      lines.back().text += text.substr(text.find_first_not_of(' '));
      continue;
    }
    const size_t colon = text.find(": ");
    lines.push_back({text.substr(0, colon), text.substr(colon + 2)});
  }
  std::vector<Step> steps(1);
  for (auto& line : lines) {
    line.text = expanded(line.text);
    if (line.kind == "do" || line.kind == std::string(1, hears)) {
      steps.push_back({line, {}});
    } else if (line.kind == "is") {
      steps.back().expected.push_back("is " + line.text);
    } else {
      auto& expected = steps.back().expected;
      if (!expected.empty() && expected.back().starts_with("say "))
        expected.back() += line.text;
      else
        expected.push_back("say " + line.text);
    }
  }
  return steps;
}

// The transport's part: keeps what the machine has not consumed.
class Wire {
 public:
  explicit Wire(Subject& subject) : subject_(subject) {}
  void feed(std::string_view bytes) {
    kept_ += bytes;
    again();
  }
  void again() {
    if (subject_.closed()) return;
    const size_t done = subject_.on_bytes(kept_);
    ASSERT_LE(done, kept_.size());
    kept_.erase(0, done);
  }

 private:
  Subject& subject_;
  std::string kept_;
};

// What a subject says must be a stream that our own scanner takes.
class Proof {
 public:
  void check(const std::vector<std::string>& done) {
    for (const auto& entry : done) {
      if (!entry.starts_with("say ")) continue;
      std::string_view text = std::string_view(entry).substr(4);
      // A restart may follow what ends the old stream in one piece.
      for (size_t begin = 0; begin < text.size();) {
        size_t end = text.find("<?xml", begin + 1);
        if (end == std::string_view::npos) end = text.size();
        if (text.substr(begin).starts_with("<?xml")) scanner_.reset();
        scan(text.substr(begin, end - begin));
        begin = end;
      }
    }
  }

 private:
  void scan(std::string_view text) {
    while (true) {
      const auto step = scanner_.next(text);
      ASSERT_NE(step.event, xml::Scanner::Event::error) << text;
      text.remove_prefix(step.consumed);
      if (step.event == xml::Scanner::Event::more) break;
      if (step.event == xml::Scanner::Event::close) break;
    }
    EXPECT_EQ(text, "") << "said in pieces";
  }
  xml::Scanner scanner_;
};

enum class Manner { as_written, bytewise };

// Plays the first `count` steps.
void run(Subject& subject, Wire& wire, const std::vector<Step>& steps, size_t count,
         Manner manner) {
  Proof proof;
  for (size_t i = 0; i < count; ++i) {
    const auto& step = steps[i];
    SCOPED_TRACE("step " + std::to_string(i) + ": " + step.input.kind + ": " + step.input.text);
    if (step.input.kind == "do") {
      subject.happen(step.input.text);
      wire.again();
    } else if (manner == Manner::bytewise) {
      for (const char c : step.input.text) wire.feed(std::string_view(&c, 1));
    } else {
      wire.feed(step.input.text);
    }
    const auto done = subject.take();
    proof.check(done);
    bool same = done.size() == step.expected.size();
    for (size_t k = 0; same && k < done.size(); ++k) same = matches(step.expected[k], done[k]);
    if (!same) {
      std::string report = "expected:\n";
      for (const auto& entry : step.expected) report += "  " + entry + "\n";
      report += "came:\n";
      for (const auto& entry : done) report += "  " + entry + "\n";
      ADD_FAILURE() << report;
      return;
    }
  }
}

}  // namespace

std::vector<std::string> Subject::take() { return std::exchange(done_, {}); }

void Subject::said(std::string_view bytes) {
  EXPECT_FALSE(closed_) << "said after close: " << bytes;
  if (!done_.empty() && done_.back().starts_with("say "))
    done_.back() += bytes;
  else
    done_.push_back("say " + std::string(bytes));
}

void Subject::is(std::string what) {
  EXPECT_FALSE(closed_) << "done after close: " << what;
  if (what == "close") closed_ = true;
  done_.push_back("is " + std::move(what));
}

std::string expanded(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const size_t open = text.find('{');
    out += text.substr(0, open);
    if (open == std::string_view::npos) break;
    const size_t end = text.find('}', open);
    const auto name = text.substr(open + 1, end - open - 1);
    if (name.starts_with("error ")) {
      out += error_text(name.substr(6));
    } else {
      const auto found = table().find(name);
      EXPECT_NE(found, table().end()) << name;
      if (found != table().end()) out += found->second;
    }
    text.remove_prefix(end + 1);
  }
  return out;
}

bool matches(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return pattern == text;
  if (text.substr(0, star) != pattern.substr(0, star)) return false;
  text.remove_prefix(star);
  pattern.remove_prefix(star + 1);
  for (size_t run = 0;; ++run) {
    if (matches(pattern, text.substr(run))) return true;
    if (run == text.size() || std::string_view("'\"<>").find(text[run]) != std::string_view::npos)
      return false;
  }
}

void play(const MakeSubject& make, char hears, std::string_view script, Split split) {
  const auto steps = steps_of(script, hears);
  const auto whole = [&](Manner manner) {
    const auto subject = make();
    Wire wire(*subject);
    run(*subject, wire, steps, steps.size(), manner);
  };
  {
    SCOPED_TRACE("as written");
    whole(Manner::as_written);
  }
  if (::testing::Test::HasFailure()) return;
  if (split == Split::allowed) {
    SCOPED_TRACE("byte by byte");
    whole(Manner::bytewise);
  }
  // Cut: the rest never comes, or half a line of it, and the house is closed instead.
  for (size_t count = 1; count <= steps.size(); ++count) {
    SCOPED_TRACE("cut after step " + std::to_string(count - 1));
    const auto subject = make();
    Wire wire(*subject);
    run(*subject, wire, steps, count, Manner::as_written);
    if (count < steps.size() && steps[count].input.kind != "do") {
      const auto& next = steps[count].input.text;
      wire.feed(std::string_view(next).substr(0, next.size() / 2));
    }
    if (!subject->closed()) subject->happen("end");
    wire.feed("<");
    wire.feed(">");
    EXPECT_TRUE(subject->closed());
  }
}

}  // namespace xbus::xmpp::testing
