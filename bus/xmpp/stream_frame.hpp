// The frame that every stream machine stands in: the loop that reads, and the ways in which either side ends.
// Internal to the stream machines.
#pragma once
#include <string>
#include <string_view>

#include "bus/xml/scanner.hpp"
#include "bus/xmpp/client_stream.hpp"
#include "bus/xmpp/error.hpp"
#include "bus/xmpp/stream_text.hpp"

namespace xbus::xmpp {

// What both sides share. `State` is the machine, which derives from this. It has `scanner`, `actions` and `phase`, an
// enum with `established`, `closing` (our </stream:stream> is out) and `over`, and says what each event means:
// reading(), on_header(), on_stanza(view) while established, on_element(view, bytes behind it) else, on_close(),
// refuse(error).
template <class State>
class StreamFrame {
 public:
  // Reads until the machine stops reading or wants more, and returns how many bytes it is done with.
  size_t read(std::string_view window) {
    using Phase = decltype(self().phase);
    State& state = self();
    size_t done = 0;
    while (state.reading()) {
      const auto step = state.scanner.next(window.substr(done));
      done += step.consumed;
      switch (step.event) {
        case xml::Scanner::Event::stanza:
          if (state.phase == Phase::established)
            state.on_stanza(state.scanner.stanza());
          else
            state.on_element(state.scanner.stanza(), window.size() - done);
          break;
        case xml::Scanner::Event::more:
          return done;
        case xml::Scanner::Event::header:
          state.on_header();
          break;
        case xml::Scanner::Event::close:
          state.on_close();
          break;
        case xml::Scanner::Event::error:
          state.refuse(error_of_scan(state.scanner.error()));
          break;
      }
    }
    return state.phase == Phase::over ? window.size() : done;
  }

 protected:
  State& self() { return static_cast<State&>(*this); }

  // What was under way when we said goodbye still counts (section 4.4, CORE-08).
  void deliver_late(const xml::StanzaView& view) {
    if (was_established_ && view.kind != xml::StanzaView::Kind::other)
      self().actions.deliver(view, self().scanner.header());
  }

  void say_goodbye(std::string_view bytes) {
    using Phase = decltype(self().phase);
    was_established_ = self().phase == Phase::established;
    self().phase = Phase::closing;
    self().actions.send(bytes);
  }

  // Nothing may be said any more.
  void finish() {
    using Phase = decltype(self().phase);
    self().phase = Phase::over;
    self().actions.close();
  }

 private:
  bool was_established_ = false;
};

// The side that was called. `State` also has send_header(out), which sets `header_sent`, and mute(): nothing may be
// said now, as after <proceed/>.
template <class State>
class AcceptFrame : public StreamFrame<State> {
 public:
  // The end of everything: a header where none was sent (section 4.9.1.2), the error, the end tag.
  void fail(const StreamError& error) {
    using Phase = decltype(self().phase);
    if (self().phase == Phase::over) return;
    const bool silent = self().phase == Phase::closing || self().mute();
    self().phase = Phase::over;
    if (!silent) self().actions.send(behind_header(stream_error_text(error)));
    self().actions.close();
  }
  void fail(StreamCondition condition, std::string_view text = {}) {
    fail(stream_error(condition, text));
  }
  void refuse(const StreamError& error) { fail(error); }

  void end() {
    using Phase = decltype(self().phase);
    if (self().phase == Phase::over || self().phase == Phase::closing) return;
    if (self().mute()) return this->finish();
    this->say_goodbye(behind_header(std::string(stream_close_tag)));
  }

  void on_close() {
    using Phase = decltype(self().phase);
    if (self().phase != Phase::closing)
      self().actions.send(behind_header(std::string(stream_close_tag)));
    this->finish();
  }

 protected:
  using StreamFrame<State>::self;

 private:
  std::string behind_header(std::string text) {
    if (self().header_sent) return text;
    std::string out;
    self().send_header(out);
    return out + text;
  }
};

// The side that calls. `State` also has mute(), as before the first header.
template <class State>
class CallFrame : public StreamFrame<State> {
 public:
  // Says `last`, where the stream can still carry it, and ends.
  void fail(const LoginError& error, std::string_view last = stream_close_tag) {
    using Phase = decltype(self().phase);
    if (self().phase == Phase::over) return;
    const bool silent = self().phase == Phase::closing || self().mute();
    self().phase = Phase::over;
    if (!silent && !last.empty()) self().actions.send(last);
    self().actions.failed(error);
    self().actions.close();
  }
  void fail(LoginError::Kind kind, std::string_view text,
            std::string_view last = stream_close_tag) {
    fail(LoginError{.kind = kind, .text = std::string(text)}, last);
  }
  // The server broke the protocol: it is told how.
  void refuse(const StreamError& error) {
    fail(told(LoginError::Kind::protocol, error), stream_error_text(error));
  }

  void end() {
    using Phase = decltype(self().phase);
    if (self().phase == Phase::over || self().phase == Phase::closing) return;
    if (self().mute()) return this->finish();
    this->say_goodbye(stream_close_tag);
  }

  void on_close() {
    using Phase = decltype(self().phase);
    if (self().phase != Phase::closing)
      return fail(LoginError::Kind::closed, "the server closed the stream");
    this->finish();
  }

 protected:
  using StreamFrame<State>::self;

  // With words in any case: the condition's name where the error brings none.
  static LoginError told(LoginError::Kind kind, const StreamError& error) {
    return {.kind = kind,
            .stream = error.condition,
            .text = error.text.empty() ? std::string(name_of(error.condition)) : error.text};
  }
};

}  // namespace xbus::xmpp
