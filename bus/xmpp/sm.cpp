#include "bus/xmpp/sm.hpp"

#include <charconv>

namespace xbus::xmpp {
namespace {

using xml::Element;

std::optional<uint32_t> number(const std::string* text) {
  if (text == nullptr || text->empty()) return std::nullopt;
  uint32_t out = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), out);
  if (error != std::errc() || end != text->data() + text->size()) return std::nullopt;
  return out;
}

// XML Schema's boolean.
bool yes(const Element& element, std::string_view name) {
  const auto value = element.attr_or(name, "");
  return value == "true" || value == "1";
}

Element make(std::string_view name) { return Element(std::string(name), std::string(ns_sm)); }

}  // namespace

std::string StreamManagement::answer() {
  told_ = handled_;
  return "<a xmlns='urn:xmpp:sm:3' h='" + std::to_string(handled_) + "'/>";
}

bool StreamManagement::has_room(size_t bytes) const {
  return unacked_.size() < options_.stanzas_max && bytes_ + bytes <= options_.bytes_max;
}

void StreamManagement::sent(std::string_view stanza, uint64_t mark) {
  ++sent_;
  ++since_asked_;
  bytes_ += stanza.size();
  unacked_.push_back({std::string(stanza), mark});
}

bool StreamManagement::ask_due() const {
  if (asked_ || unacked_.empty()) return false;
  return since_asked_ >= options_.ask_every || unacked_.size() >= options_.stanzas_max / 2 ||
         bytes_ >= options_.bytes_max / 2;
}

std::string StreamManagement::request() {
  asked_ = true;
  since_asked_ = 0;
  return "<r xmlns='urn:xmpp:sm:3'/>";
}

bool StreamManagement::acknowledged(uint32_t count, const std::function<void(const Kept&)>& done) {
  // Unsigned, so that the count may pass 2^32 (SM-05).
  const uint32_t open = sent_ - count;
  if (open > unacked_.size()) return false;
  asked_ = false;
  while (unacked_.size() > open) {
    bytes_ -= unacked_.front().bytes.size();
    if (done) done(unacked_.front());
    unacked_.pop_front();
  }
  return true;
}

Element sm_feature() { return make("sm"); }

Element to_element(const SmEnable& enable) {
  Element out = make("enable");
  if (enable.resume) out.set("resume", "true");
  if (enable.max_seconds) out.set("max", std::to_string(*enable.max_seconds));
  return out;
}

SmEnable sm_enable_from(const Element& element) {
  return {.resume = yes(element, "resume"), .max_seconds = number(element.attr("max"))};
}

Element to_element(const SmEnabled& enabled) {
  Element out = make("enabled");
  if (enabled.id.empty()) return out;
  out.set("id", enabled.id).set("resume", "true");
  if (enabled.max_seconds) out.set("max", std::to_string(*enabled.max_seconds));
  if (!enabled.location.empty()) out.set("location", enabled.location);
  return out;
}

SmEnabled sm_enabled_from(const Element& element) {
  SmEnabled out;
  const auto id = element.attr_or("id", "");
  if (yes(element, "resume") && id.size() <= limits::sm_id_bytes_max) out.id = id;
  out.max_seconds = number(element.attr("max"));
  out.location = element.attr_or("location", "");
  return out;
}

Element sm_resume(std::string_view name, const SmResume& resume) {
  Element out = make(name);
  out.set("previd", resume.id).set("h", std::to_string(resume.count));
  return out;
}

std::optional<SmResume> sm_resume_from(const Element& element) {
  const auto id = element.attr_or("previd", "");
  const auto count = sm_count(element);
  if (id.empty() || id.size() > limits::sm_id_bytes_max || !count) return std::nullopt;
  return SmResume{.id = std::string(id), .count = *count};
}

Element sm_failed(Condition condition, std::optional<uint32_t> count) {
  Element out = make("failed");
  if (count) out.set("h", std::to_string(*count));
  out.add(Element(std::string(name_of(condition)), std::string(ns_stanza_errors)));
  return out;
}

std::optional<uint32_t> sm_count(const Element& element) { return number(element.attr("h")); }

StreamError sm_count_too_high(uint32_t acknowledged, uint32_t sent) {
  StreamError out;
  out.condition = StreamCondition::undefined_condition;
  Element detail = make("handled-count-too-high");
  detail.set("h", std::to_string(acknowledged)).set("send-count", std::to_string(sent));
  out.application = std::move(detail);
  return out;
}

}  // namespace xbus::xmpp
