#include "rpc/pieces.hpp"

#include <algorithm>
#include <charconv>

#include "bus/crypto/base64.hpp"
#include "bus/limits.hpp"

namespace xbus::pieces {

namespace {

using std::chrono::milliseconds;

constexpr size_t id_bytes_most = 64;

std::optional<uint64_t> number(const xml::Element& element, std::string_view name) {
  const std::string* text = element.attr(name);
  if (!text || text->empty()) return {};
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size()) return {};
  return value;
}

std::optional<std::string> id_of(const xml::Element& element) {
  const std::string* id = element.attr("id");
  if (!id || id->empty() || id->size() > id_bytes_most) return {};
  return *id;
}

}  // namespace

xml::Element to_element(const Piece& piece) {
  xml::Element element("piece", std::string(ns));
  element.set("id", piece.id).set("seq", std::to_string(piece.seq));
  if (piece.seq == 0)
    element.set("for", piece.kind == Kind::call ? "call" : "answer").set("size", std::to_string(piece.size));
  element.add_text(crypto::base64_encode(piece.bytes));
  return element;
}

std::optional<Piece> piece_from(const xml::Element& element) {
  Piece piece;
  const auto id = id_of(element);
  const auto seq = number(element, "seq");
  if (!id || !seq || element.element_count() != 0) return {};
  piece.id = *id;
  piece.seq = *seq;
  if (*seq == 0) {
    const auto size = number(element, "size");
    const std::string_view kind = element.attr_or("for", "");
    if (!size || (kind != "call" && kind != "answer")) return {};
    piece.size = *size;
    piece.kind = kind == "call" ? Kind::call : Kind::answer;
  }
  auto bytes = crypto::base64_decode(element.text());
  if (!bytes || bytes->empty() || bytes->size() > limits::piece_bytes_max) return {};
  piece.bytes = std::move(*bytes);
  return piece;
}

xml::Element to_element(const Whole& whole) {
  xml::Element element("whole", std::string(ns));
  element.set("id", whole.id);
  if (whole.deadline)
    element.set("deadline", std::to_string(std::chrono::duration_cast<milliseconds>(*whole.deadline).count()));
  return element;
}

std::optional<Whole> whole_from(const xml::Element& element) {
  Whole whole;
  const auto id = id_of(element);
  if (!id) return {};
  whole.id = *id;
  if (element.attr("deadline")) {
    const auto left = number(element, "deadline");
    if (!left) return {};
    constexpr auto most = static_cast<uint64_t>(std::chrono::duration_cast<milliseconds>(limits::call_time_max).count());
    whole.deadline = milliseconds(std::min(*left, most));
  }
  return whole;
}

xml::Element drop(const std::string& id) {
  xml::Element element("drop", std::string(ns));
  element.set("id", id);
  return element;
}

}  // namespace xbus::pieces
