#include "rpc/registry/undescribed.hpp"

#include <utility>

#include "bus/limits_registry.hpp"

namespace xbus::registry {

bool Undescribed::hold(const std::string& key, const xml::Element& stanza, Time since) {
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
  waiting.stanzas.push_back({std::move(text), since});
  return true;
}

std::vector<Undescribed::Stanza> Undescribed::take(const std::string& key) {
  auto found = of_.extract(key);
  if (found.empty()) return {};
  bytes_ -= found.mapped().bytes;
  return std::move(found.mapped().stanzas);
}

std::vector<std::string> Undescribed::keys() const {
  std::vector<std::string> out;
  for (const auto& [key, waiting] : of_) out.push_back(key);
  return out;
}

}  // namespace xbus::registry
