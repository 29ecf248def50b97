#include "rpc/topic_tail.hpp"

#include <algorithm>

#include "bus/limits_events.hpp"

namespace xbus {

Task<TopicPage> TopicTail::page(std::optional<std::string> after, std::optional<std::string> before) {
  xmpp::PageRequest request;
  request.max = limits::watch_page_items;
  request.after = std::move(after);
  request.before = std::move(before);
  auto asking = service_.items(topic_, std::move(request));
  TopicPage page = co_await std::move(asking);
  co_return page;
}

// Of a service without pages: all that it keeps in one answer.
Task<TopicTail::Items> TopicTail::everything() {
  auto asking = service_.items(topic_, std::nullopt);
  TopicPage page = co_await std::move(asking);
  co_return std::move(page.items);
}

void TopicTail::take(TopicPage page, bool whole) {
  more_ = !page.items.empty() && !whole;
  if (more_) last_ = page.items.back().id;
  ready_ = std::move(page.items);
}

Task<std::optional<xmpp::PubsubItem>> TopicTail::newest() {
  auto finding = service_.find();
  co_await std::move(finding);
  if (!service_.offers("rsm")) {
    auto asking = everything();
    Items all = co_await std::move(asking);
    if (all.empty()) co_return std::nullopt;
    co_return std::move(all.back());
  }
  xmpp::PageRequest request;
  request.max = 1;
  request.before = std::string();
  auto asking = service_.items(topic_, request);
  TopicPage page = co_await std::move(asking);
  if (page.items.empty()) co_return std::nullopt;
  co_return std::move(page.items.back());
}

Task<bool> TopicTail::begin_after(std::string id) {
  auto finding = service_.find();
  co_await std::move(finding);
  if (!service_.offers("rsm")) {
    auto asking = everything();
    Items all = co_await std::move(asking);
    const auto found = std::find_if(all.begin(), all.end(), [&](const xmpp::PubsubItem& item) { return item.id == id; });
    if (found == all.end()) co_return false;
    all.erase(all.begin(), found + 1);
    take({std::move(all), {}}, true);
    co_return true;
  }
  try {
    auto asking = page(id, std::nullopt);
    TopicPage first = co_await std::move(asking);
    take(std::move(first), false);
  } catch (const Fault& fault) {
    if (fault.kind() != Fault::Kind::not_found) throw;
    co_return false;
  }
  co_return true;
}

// A request for a page that says neither `after` nor `before` gives the newest items, as one without a page does: the
// oldest are found from the end.
Task<void> TopicTail::begin() {
  auto finding = service_.find();
  co_await std::move(finding);
  if (!service_.offers("rsm")) {
    auto asking = everything();
    Items all = co_await std::move(asking);
    take({std::move(all), {}}, true);
    co_return;
  }
  TopicPage oldest;
  std::string before;
  for (size_t pages = 0; pages < limits::watch_pages_back_max; ++pages) {
    TopicPage earlier;
    bool gone = false;
    try {
      auto asking = page(std::nullopt, before);
      earlier = co_await std::move(asking);
    } catch (const Fault& fault) {
      // The oldest of the page before has gone meanwhile, and what stood before it.
      gone = fault.kind() == Fault::Kind::not_found && !before.empty();
      if (!gone) throw;
    }
    if (gone || earlier.items.empty()) break;
    oldest = std::move(earlier);
    if (oldest.page && oldest.page->first_index == 0u) break;
    if (oldest.items.front().id == before) break;
    before = oldest.items.front().id;
  }
  take(std::move(oldest), false);
}

Task<TopicTail::Items> TopicTail::next() {
  if (ready_.empty() && more_) {
    auto asking = page(last_, std::nullopt);
    TopicPage following = co_await std::move(asking);
    const bool stuck = !following.items.empty() && following.items.back().id == last_;
    take(std::move(following), stuck);
  }
  co_return std::exchange(ready_, {});
}

}  // namespace xbus
