// A dialogue between two ends of a stream as data: lines of text, played to one machine as written,
// byte by byte, and cut after each step.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace xbus::xmpp::testing {

// A machine at the end of a wire. A test's subject wraps one and writes down what it does.
class Subject {
 public:
  virtual ~Subject() = default;
  virtual size_t on_bytes(std::string_view window) = 0;
  // What happens to it beside bytes, by name: "secured", "password yes", "end".
  virtual void happen(const std::string& what) = 0;

  // What it did since the last call, in order: "say BYTES", neighbours joined, and "is WHAT".
  std::vector<std::string> take();
  bool closed() const { return closed_; }

 protected:
  void said(std::string_view bytes);
  void is(std::string what);

 private:
  std::vector<std::string> done_;
  bool closed_ = false;
};

using MakeSubject = std::function<std::unique_ptr<Subject>()>;

enum class Split : bool { allowed, whole_lines_only };

// Plays `script` to fresh subjects. Its lines:
//   C: BYTES    said by the client   (heard by or expected from the subject, which `hears` 'C' or
//   'S') S: BYTES    said by the server do: WHAT    handed to happen() is: WHAT    expected: an
//   action that is no send, e.g. "start_tls", "close"
// A line that begins with two spaces continues the one before. {NAME} stands for a text in the
// table of dialogue.cpp; {error CONDITION} and {error CONDITION|TEXT} for a stream error and the
// end tag. In expected lines * stands for any run of letters without quotes or angle brackets.
//
// Every run also proves that nothing is said after "close", and that what the subject says is a
// well-formed stream.
void play(const MakeSubject& make, char hears, std::string_view script,
          Split split = Split::allowed);

// The names in braces replaced.
std::string expanded(std::string_view text);
// Whether `text` is `pattern`, where * is a wildcard as above.
bool matches(std::string_view pattern, std::string_view text);

}  // namespace xbus::xmpp::testing
