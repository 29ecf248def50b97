#include "rpc/registry/undescribed.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

#include "bus/limits_registry.hpp"

namespace xbus::registry {

bool Undescribed::hold(const std::string& key, const xml::Element& stanza, Time since,
                       const std::string& call_id) {
  std::string text = xml::write(stanza);
  const auto found = of_.find(key);
  const size_t stanzas = found == of_.end() ? 0 : found->second.stanzas.size();
  const size_t bytes = found == of_.end() ? 0 : found->second.bytes;
  if (stanzas >= limits::undescribed_stanzas_per_name_max) return false;
  if (bytes + text.size() > limits::undescribed_bytes_per_name_max) return false;
  if (bytes_ + text.size() > limits::undescribed_bytes_max) return false;
  Waiting& waiting = of_[key];
  waiting.bytes += text.size();
  bytes_ += text.size();
  waiting.stanzas.push_back({std::move(text), since, std::string(stanza.attr_or("from", "")), call_id});
  return true;
}

std::vector<Undescribed::Stanza> Undescribed::take(const std::string& key) {
  auto found = of_.extract(key);
  if (found.empty()) return {};
  bytes_ -= found.mapped().bytes;
  return std::move(found.mapped().stanzas);
}

std::optional<Undescribed::Stanza> Undescribed::take_call(const std::string& key, const std::string& caller,
                                                          const std::string& call_id) {
  const auto found = of_.find(key);
  if (found == of_.end() || call_id.empty()) return {};
  Waiting& waiting = found->second;
  for (size_t place = 0; place < waiting.stanzas.size(); ++place) {
    const Stanza& stanza = waiting.stanzas[place];
    if (stanza.call_id != call_id || stanza.caller != caller) continue;
    Stanza out = take_out(waiting, place);
    if (waiting.stanzas.empty()) of_.erase(found);
    return out;
  }
  return {};
}

void Undescribed::forget(const std::string& caller) {
  for (auto service = of_.begin(); service != of_.end();) {
    Waiting& waiting = service->second;
    for (size_t place = waiting.stanzas.size(); place-- > 0;)
      if (waiting.stanzas[place].caller == caller) take_out(waiting, place);
    service = waiting.stanzas.empty() ? of_.erase(service) : std::next(service);
  }
}

Undescribed::Stanza Undescribed::take_out(Waiting& waiting, size_t place) {
  Stanza out = std::move(waiting.stanzas[place]);
  waiting.stanzas.erase(waiting.stanzas.begin() + static_cast<std::ptrdiff_t>(place));
  waiting.bytes -= out.text.size();
  bytes_ -= out.text.size();
  return out;
}

std::vector<std::string> Undescribed::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, waiting] : of_) out.push_back(key);
  return out;
}

}  // namespace xbus::registry
