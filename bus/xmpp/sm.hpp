// Stream management (XEP-0198), one side of it, as a machine: what was handled, what was sent and is not acknowledged,
// when to ask. It does no I/O and reads no clock; both stream machines use it.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bus/limits.hpp"
#include "bus/xml/element.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/jid.hpp"

namespace xbus::xmpp {

inline constexpr std::string_view ns_sm = "urn:xmpp:sm:3";

// Both counters of one session, which live as long as it does, over however many streams (section 5). They count modulo
// 2^32 (section 4).
class StreamManagement {
 public:
  struct Options {
    size_t stanzas_max = limits::unacked_stanzas_max;
    size_t bytes_max = limits::unacked_bytes_max;
    uint32_t ask_every = limits::unacked_ask_stanzas;  // stanzas after which an answer is asked for
    uint32_t answer_every = limits::handled_tell_stanzas;  // stanzas after which the peer is told without asking
    uint32_t start = 0;  // of both counters: a test begins where they turn
  };
  // A stanza that the peer has not acknowledged; `mark` is whatever the caller gave it.
  struct Kept {
    std::string bytes;
    uint64_t mark = 0;
  };

  StreamManagement() : StreamManagement(Options{}) {}
  explicit StreamManagement(const Options& options)
      : options_(options), handled_(options.start), told_(options.start), sent_(options.start) {}

  // ---- What came ----

  // A stanza was handled: taken responsibility for, not merely read (SM-07).
  void handled() { ++handled_; }
  uint32_t handled_count() const { return handled_; }
  // Enough was handled since the peer was last told: send answer().
  bool tell_due() const { return handled_ - told_ >= options_.answer_every; }
  // <a h='...'/>.
  std::string answer();

  // ---- What was sent ----

  // Whether one more stanza of that many bytes may be sent: flow control, before anything is.
  bool has_room(size_t bytes) const;
  // A stanza goes out, or waits for the next stream. Call has_room() first.
  void sent(std::string_view stanza, uint64_t mark);
  uint32_t sent_count() const { return sent_; }
  // Nothing asked for is outstanding, and enough went out since the last time, or `bound` is near: send request().
  bool ask_due() const;
  // Something is not acknowledged and nothing asks for it: a caller with a clock sends request() now and then.
  bool waits_unasked() const { return !unacked_.empty() && !asked_; }
  bool asked() const { return asked_; }
  std::string request();  // <r/>

  // The peer has handled so many of ours. False: more than were sent (SM-09); nothing has changed then. `done` hears
  // each stanza that is acknowledged, oldest first.
  bool acknowledged(uint32_t count, const std::function<void(const Kept&)>& done = {});
  const std::deque<Kept>& unacked() const { return unacked_; }
  size_t unacked_bytes() const { return bytes_; }
  // The session has ended: they are the caller's, who returns them (SM-10).
  std::deque<Kept> give_up() {
    bytes_ = 0;
    return std::exchange(unacked_, {});
  }

  // A new stream carries the session on: what was asked on the old one is not answered any more.
  void resumed() { asked_ = false; }

 private:
  Options options_;
  uint32_t handled_ = 0;
  uint32_t told_ = 0;
  uint32_t sent_ = 0;  // of these, all but the last unacked_.size() are acknowledged
  uint32_t since_asked_ = 0;
  bool asked_ = false;
  size_t bytes_ = 0;
  std::deque<Kept> unacked_;
};

// ---- The elements ----

xml::Element sm_feature();  // <sm/> among the stream features

struct SmEnable {
  bool resume = false;
  std::optional<uint32_t> max_seconds = {};  // wished for
};
xml::Element to_element(const SmEnable& enable);
SmEnable sm_enable_from(const xml::Element& element);

struct SmEnabled {
  std::string id = {};  // empty: not to be resumed
  std::optional<uint32_t> max_seconds = {};
  std::string location = {};  // where to come back to; empty: where the stream was
};
xml::Element to_element(const SmEnabled& enabled);
SmEnabled sm_enabled_from(const xml::Element& element);

// <resume/> and <resumed/>. Nothing: one of the two is missing or is no number.
struct SmResume {
  std::string id = {};
  uint32_t count = 0;
};
xml::Element sm_resume(std::string_view name, const SmResume& resume);
std::optional<SmResume> sm_resume_from(const xml::Element& element);

// <failed/>, with what was handled of a session that has ended, where that is known (SM-14).
xml::Element sm_failed(Condition condition, std::optional<uint32_t> count = {});
// The `h` of <a/> or <failed/>. Nothing: there is none, or it is no number of 32 bits.
std::optional<uint32_t> sm_count(const xml::Element& element);

// SM-09: undefined-condition with <handled-count-too-high/>.
StreamError sm_count_too_high(uint32_t acknowledged, uint32_t sent);

// What a client keeps of a session over its streams.
struct SmSession {
  StreamManagement counts;
  bool on = false;            // asked for, and not refused
  bool counting = false;      // <enabled/> has come: what comes is counted (SM-04)
  SmEnabled terms = {};       // its id is empty where the session cannot be resumed
  Jid jid = {};
  size_t stanza_bytes_max = limits::stanza_bytes_assumed;  // that the server takes on it
  bool resumable() const { return on && !terms.id.empty(); }
};

}  // namespace xbus::xmpp
