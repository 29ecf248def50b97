#include "rpc/last_item.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "bus/limits_events.hpp"
#include "rpc/json.hpp"

namespace xbus {

namespace {

std::string trouble(const std::string& path) { return path + ": " + std::strerror(errno); }

struct Open {
  explicit Open(int of) : fd(of) {}
  ~Open() {
    if (fd >= 0) ::close(fd);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  int fd;
};

bool write_whole(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

// The name in the folder has to be on disk as well as what it names.
void sync_folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Open opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.fd >= 0) ::fsync(opened.fd);
}

}  // namespace

Result<LastItem, std::string> LastItem::open(std::string path) {
  LastItem out(std::move(path));
  const Open opened(::open(out.path_.c_str(), O_RDONLY | O_CLOEXEC));
  if (opened.fd < 0 && errno == ENOENT) return out;
  if (opened.fd < 0) return Err{trouble(out.path_)};
  std::string text;
  std::array<char, 16 * 1024> buffer;
  while (text.size() <= limits::last_items_bytes_max) {
    const ssize_t count = ::read(opened.fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Err{trouble(out.path_)};
    if (count == 0) break;
    text.append(buffer.data(), static_cast<size_t>(count));
  }
  const auto value = json_value(text);
  const auto* all = value ? value->get_if<Value::Struct>() : nullptr;
  if (all == nullptr) return Err{out.path_ + " is no file of a subscriber: take it away to begin anew"};
  for (const Value::Member& each : *all)
    if (const auto* id = each.value.get_if<std::string>()) out.ids_[each.name] = *id;
  return out;
}

std::optional<std::string> LastItem::of(const std::string& topic) const {
  const auto found = ids_.find(topic);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

Result<void, std::string> LastItem::set(const std::string& topic, std::string id) {
  ids_[topic] = std::move(id);
  Value::Struct all;
  for (const auto& [name, last] : ids_) all.push_back({name, last});
  const std::string next = path_ + ".new";
  {
    const Open opened(::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (opened.fd < 0 || !write_whole(opened.fd, json_text(Value(std::move(all))) + "\n") || ::fsync(opened.fd) != 0)
      return Err{trouble(next)};
  }
  if (::rename(next.c_str(), path_.c_str()) != 0) return Err{trouble(path_)};
  sync_folder(path_);
  return {};
}

}  // namespace xbus
