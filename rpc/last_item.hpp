// LastItem: the file in which a durable subscriber keeps the id of the item that it has dealt with last.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "bus/result.hpp"

namespace xbus {

// One file a subscriber, with a line a topic. One process has it at a time; its owner sees to that.
class LastItem {
 public:
  // Reads the file, where there is one. The error is a line for a person: it cannot be read, or is none of ours.
  static Result<LastItem, std::string> open(std::string path);

  // nullopt: nothing of that topic yet.
  std::optional<std::string> of(const std::string& topic) const;
  // Replaces the file whole, so that it holds the item before or this one whenever the program or the host stops; on
  // disk when this returns. The error is a line for a person.
  Result<void, std::string> set(const std::string& topic, std::string id);

 private:
  explicit LastItem(std::string path) : path_(std::move(path)) {}
  std::string path_;
  std::map<std::string, std::string> ids_;
};

}  // namespace xbus
