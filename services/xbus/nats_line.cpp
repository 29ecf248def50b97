#include "services/xbus/nats_line.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "bus/crypto/random.hpp"
#include "bus/limits.hpp"

namespace xbus::cli {
namespace {

constexpr std::string_view line_end = "\r\n";

// A number as text, without an allocation.
class Digits {
 public:
  explicit Digits(uint64_t number)
      : end_(std::to_chars(digits_.data(), digits_.data() + digits_.size(), number).ptr) {}
  Digits(const Digits&) = delete;
  Digits& operator=(const Digits&) = delete;
  std::string_view text() const {
    return {digits_.data(), static_cast<size_t>(end_ - digits_.data())};
  }
  static constexpr size_t most = 20;

 private:
  std::array<char, most> digits_;
  const char* end_;
};

std::string_view next_word(std::string_view& rest) {
  const size_t begin = std::min(rest.find_first_not_of(' '), rest.size());
  const size_t end = std::min(rest.find(' ', begin), rest.size());
  const std::string_view word = rest.substr(begin, end - begin);
  rest.remove_prefix(end);
  return word;
}

}  // namespace

NatsLine::NatsLine(LoadServer& server, Place place, LoadLine::Owner& owner)
    : server_(server), place_(place), owner_(owner) {
  const std::string name = crypto::random_id(6);  // no letter of it parts or widens a subject
  subject_ = "bench." + name;
  inbox_ = "_INBOX." + name + ".";
}

NatsLine::~NatsLine() { *alive_ = false; }

void NatsLine::start() {
  connector_ = server_.connector();
  connector_->start([this](Result<net::Connected, std::string> connected) {
    if (!connected) return end(Fault(Fault::Kind::unavailable, connected.error()));
    transport_ = std::move(connected->transport);
    transport_->start(*this);
  });
}

// The server speaks first, in clear; then TLS, where it is wanted.
void NatsLine::log_in() {
  send(
      "CONNECT "
      "{\"verbose\":false,\"pedantic\":false,\"lang\":\"xbus\",\"version\":\"1\",\"protocol\":1}"
      "\r\n");
  if (place_.role == Role::caller) send("SUB " + inbox_ + "* 1\r\n");
  if (place_.role == Role::echo) send("SUB " + subject_ + " 1\r\n");
  send("PING\r\n");
}

bool NatsLine::id_in_payload() const { return place_.payload_bytes >= Digits::most; }

void NatsLine::aim(const std::string& address) {
  head_ = "PUB " + address + " " + inbox_;
  middle_ = " " + std::to_string(place_.payload_bytes) + "\r\n";
  filler_ = std::string(place_.payload_bytes, 'x') + "\r\n";
  ids_.resize(place_.outstanding);
}

bool NatsLine::call(uint64_t id) {
  if (out_.size() - out_done_ > limits::queue_bytes_per_connection_max) return false;
  const Digits name(id);
  send(head_);
  if (id_in_payload()) {
    const size_t place = id % ids_.size();
    ids_[place] = id;
    send(Digits(place).text());
    send(middle_);
    send(name.text());
    send(std::string_view(filler_).substr(name.text().size()));
  } else {
    send(name.text());
    send(middle_);
    send(filler_);
  }
  return true;
}

void NatsLine::send(std::string_view bytes) {
  out_.append(bytes);
  if (blocked_ || std::exchange(scheduled_, true)) return;
  server_.loop().defer([this, alive = alive_] {
    if (*alive) flush();
  });
}

void NatsLine::flush() {
  scheduled_ = false;
  if (!transport_ || gone_) return;
  const auto rest = std::string_view(out_).substr(out_done_);
  const size_t taken = transport_->write_one(rest);
  out_done_ += taken;
  blocked_ = taken < rest.size();
  if (blocked_ && out_done_ <= out_.size() - out_done_) return;
  out_.erase(0, out_done_);
  out_done_ = 0;
}

void NatsLine::on_writable() {
  blocked_ = false;
  flush();
}

void NatsLine::on_secured(const net::TlsFacts&) { log_in(); }

void NatsLine::on_closed(net::CloseReason reason, std::string_view detail) {
  const bool untrusted =
      reason == net::CloseReason::untrusted || reason == net::CloseReason::tls_failed;
  end(Fault(untrusted ? Fault::Kind::not_logged_in : Fault::Kind::lost,
            detail.empty() ? "the connection has ended" : std::string(detail)));
}

void NatsLine::on_data(std::string_view bytes) {
  if (in_.empty()) {
    in_.assign(bytes.substr(read(bytes)));
    return;
  }
  in_.append(bytes);
  in_.erase(0, read(in_));
}

size_t NatsLine::read(std::string_view window) {
  size_t done = 0;
  while (!gone_) {
    const std::string_view rest = window.substr(done);
    const size_t line = rest.find(line_end);
    if (line == std::string_view::npos) {
      if (rest.size() > limits::stanza_bytes_max)
        end(Fault(Fault::Kind::failed, "a line without an end"));
      return done;
    }
    if (rest.starts_with("MSG ")) {
      const size_t size = message(rest, line);
      if (size == 0) return done;
      done += size;
    } else {
      done += line + line_end.size();
      control(rest.substr(0, line));
    }
  }
  return window.size();
}

// MSG SUBJECT SID [REPLY] BYTES
size_t NatsLine::message(std::string_view window, size_t line) {
  std::string_view words = window.substr(4, line - 4);
  const std::string_view subject = next_word(words);
  next_word(words);
  std::string_view reply = next_word(words), count = next_word(words);
  if (count.empty()) std::swap(reply, count);
  size_t size = 0;
  const auto read = std::from_chars(count.data(), count.data() + count.size(), size);
  if (read.ec != std::errc() || size > limits::message_bytes_max) {
    end(Fault(Fault::Kind::failed, "the server sent a message without a size"));
    return window.size();
  }
  const size_t begin = line + line_end.size(), whole = begin + size + line_end.size();
  if (window.size() < whole) return 0;
  taken(subject, reply, window.substr(begin, size));
  return whole;
}

void NatsLine::taken(std::string_view subject, std::string_view reply, std::string_view body) {
  if (place_.role == Role::echo) {
    if (reply.empty()) return;
    send("PUB ");
    send(reply);
    send(" ");
    send(std::to_string(body.size()));
    send(line_end);
    send(body);
    send(line_end);
    return;
  }
  if (!subject.starts_with(inbox_)) return;
  const std::string_view word = subject.substr(inbox_.size());
  uint64_t id = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), id);
  if (read.ec != std::errc() || read.ptr != word.data() + word.size()) return;
  bool whole = body.size() == place_.payload_bytes;
  if (id_in_payload()) {
    if (id >= ids_.size()) return;
    const uint64_t expected = ids_[id];
    whole = whole && std::from_chars(body.data(), body.data() + body.size(), id).ec == std::errc();
    if (!whole) id = expected;
  }
  owner_.on_answer(*this, id, whole ? FaultKind::ok : FaultKind::malformed);
}

void NatsLine::control(std::string_view line) {
  if (line.starts_with("INFO ") && !std::exchange(greeted_, true)) {
    if (!server_.secure()) return log_in();
    auto trust = server_.trust(false);
    if (!trust) return end(Fault(Fault::Kind::not_logged_in, trust.error()));
    transport_->start_tls(*trust, server_.domain());
  } else if (line == "PING") {
    send("PONG\r\n");
  } else if (line == "PONG" && !std::exchange(ready_, true)) {
    owner_.on_ready(*this);
  } else if (line.starts_with("-ERR")) {
    end(Fault(ready_ ? Fault::Kind::lost : Fault::Kind::not_logged_in,
              "the server says " + std::string(line)));
  }
}

void NatsLine::end(Fault why) {
  if (!std::exchange(gone_, true)) owner_.on_ended(*this, why);
}

}  // namespace xbus::cli
