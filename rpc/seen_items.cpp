#include "rpc/seen_items.hpp"

#include <functional>

#include "bus/xml/element.hpp"

namespace xbus {

std::optional<uint64_t> content_of(const xmpp::PubsubItem& item) {
  if (!item.payload) return std::nullopt;
  return std::hash<std::string>{}(xml::write(*item.payload));
}

bool SeenItems::add(const std::string& id, std::optional<uint64_t> content) {
  if (id.empty()) return true;
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) {
    if (by_id_.size() >= most_) {
      by_id_.erase(order_.front());
      order_.pop_front();
    }
    order_.push_back(id);
    by_id_.emplace(id, Entry{content, std::prev(order_.end())});
    return true;
  }
  Entry& entry = found->second;
  order_.splice(order_.end(), order_, entry.place);
  if (!content || entry.content == content) return false;
  entry.content = content;
  return true;
}

std::optional<uint64_t> SeenItems::content(const std::string& id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? std::nullopt : found->second.content;
}

}  // namespace xbus
