// TopicTail: reads what a topic keeps, from an item on or from the oldest, by pages where the service has pages.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "bus/task.hpp"
#include "bus/xmpp/pubsub_answer.hpp"
#include "rpc/topic_service.hpp"

namespace xbus {

// One pass over the items. Lives on the service's loop and goes before it. Every operation throws a Fault.
class TopicTail {
 public:
  using Items = std::vector<xmpp::PubsubItem>;

  TopicTail(TopicService& service, std::string topic) : service_(service), topic_(std::move(topic)) {}

  // The newest item; nullopt: there is none.
  Task<std::optional<xmpp::PubsubItem>> newest();
  // Begins behind the item; false where the topic does not keep it. The first page is next() then.
  Task<bool> begin_after(std::string id);
  // Begins with the oldest item.
  Task<void> begin();
  // The next page, in the order of publication; empty at the end.
  Task<Items> next();

 private:
  Task<TopicPage> page(std::optional<std::string> after, std::optional<std::string> before);
  Task<Items> everything();
  void take(TopicPage page, bool whole);

  TopicService& service_;
  std::string topic_;
  Items ready_;              // the page that next() gives
  std::string last_;         // where the page after it begins
  bool more_ = false;
};

}  // namespace xbus
