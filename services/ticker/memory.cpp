#include "services/ticker/memory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <utility>

#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/limits_feeds.hpp"
#include "bus/net/descriptor.hpp"

namespace xbus::ticker {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t digest_digits = 32;  // of a digest are kept: 128 bits

std::string short_digest(std::string_view text) {
  return crypto::hex_encode(crypto::digest(crypto::Hash::sha256, text)).substr(0, digest_digits);
}

std::string content_of(const atom::Entry& entry) { return atom::fingerprint(entry).substr(0, digest_digits); }

std::string system_says(const std::string& path) { return path + ": " + std::strerror(errno); }

std::string text_at(const Json& json, const char* name) {
  const auto found = json.find(name);
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

Memory::Standing Memory::standing(const atom::Entry& entry) const {
  const auto found = by_id_.find(short_digest(entry.id));
  if (found == by_id_.end()) return Standing::fresh;
  return found->second.content == content_of(entry) ? Standing::known : Standing::changed;
}

void Memory::keep(const atom::Entry& entry) { keep(short_digest(entry.id), content_of(entry)); }

void Memory::keep(const std::string& id, std::string content) {
  const auto found = by_id_.find(id);
  if (found != by_id_.end()) {
    found->second.content = std::move(content);
    order_.splice(order_.end(), order_, found->second.place);
    return;
  }
  if (by_id_.size() == limits::ticker_entries_kept_max) {
    by_id_.erase(order_.front());
    order_.pop_front();
  }
  order_.push_back(id);
  by_id_.emplace(id, Kept{std::move(content), std::prev(order_.end())});
}

std::string Memory::text() const {
  Json json = {{"version", 1}, {"location", location}, {"etag", etag}, {"last_modified", last_modified}};
  Json entries = Json::array();
  for (const std::string& id : order_) entries.push_back(id + by_id_.at(id).content);
  json["entries"] = std::move(entries);
  return json.dump(0, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Memory, std::string> Memory::from_text(std::string_view text) {
  const Json json = Json::parse(text, nullptr, false);
  if (!json.is_object() || json.value("version", Json()) != 1) return Err{std::string("this is no memory of a source")};
  Memory out;
  out.location = text_at(json, "location");
  out.etag = text_at(json, "etag");
  out.last_modified = text_at(json, "last_modified");
  const auto entries = json.find("entries");
  if (entries == json.end() || !entries->is_array()) return Err{std::string("there are no entries")};
  for (const Json& entry : *entries) {
    const std::string both = entry.is_string() ? entry.get<std::string>() : std::string();
    if (both.size() != 2 * digest_digits) return Err{std::string("an entry is not as it was written")};
    out.keep(both.substr(0, digest_digits), both.substr(digest_digits));
  }
  return out;
}

Result<Memory, std::string> read_memory(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error == std::errc::no_such_file_or_directory) return Memory();
  if (error) return Err{path + ": " + error.message()};
  if (size > limits::ticker_state_bytes_max) return Err{path + ": this is too large"};
  std::ifstream file(path, std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file) return Err{path + ": cannot be read"};
  auto memory = Memory::from_text(text);
  if (!memory) return Err{path + ": " + memory.error()};
  return memory;
}

Result<void, std::string> write_memory(const std::string& path, const Memory& memory) {
  const std::string text = memory.text(), beside = path + ".new";
  net::Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
  if (!file) return Err{system_says(beside)};
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file.get(), text.data() + done, text.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Err{system_says(beside)};
    done += static_cast<size_t>(count);
  }
  if (::fsync(file.get()) != 0) return Err{system_says(beside)};
  if (std::rename(beside.c_str(), path.c_str()) != 0) return Err{system_says(path)};
  return {};
}

}  // namespace xbus::ticker
