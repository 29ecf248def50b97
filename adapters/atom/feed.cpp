#include "adapters/atom/feed.hpp"

#include <string_view>
#include <unordered_map>
#include <utility>

#include "bus/crypto/base64.hpp"
#include "bus/crypto/digest.hpp"
#include "bus/crypto/hex.hpp"
#include "bus/limits_feeds.hpp"

namespace xbus::atom {
namespace {

// Each part with its length before it, so that no two entries give the same bytes.
void add(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

void add(std::string& out, const std::optional<Timestamp>& time) {
  add(out, time ? std::to_string(time->time_since_epoch().count()) : std::string_view());
}

void add(std::string& out, const Text& text) {
  add(out, text.type == Text::Type::html ? "html" : "text");
  add(out, text.value);
}

std::string bytes_of(const Entry& entry) {
  std::string out;
  for (const std::string* part : {&entry.id, &entry.title, &entry.link, &entry.author}) add(out, *part);
  add(out, entry.updated);
  add(out, entry.published);
  add(out, entry.summary);
  add(out, entry.content);
  return out;
}

// Not inside a character.
void cut(std::string& text, size_t bytes_at_most) {
  if (text.size() <= bytes_at_most) return;
  size_t end = bytes_at_most;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
}

void complete(Entry& entry) {
  cut(entry.title, limits::feed_text_bytes_max);
  cut(entry.author, limits::feed_text_bytes_max);
  if (entry.link.size() > limits::feed_uri_bytes_max) entry.link.clear();
  if (entry.id.empty()) entry.id = entry.link;
  if (entry.id.empty()) entry.id = named_information(bytes_of(entry));
  // Still a name of its own, and of this id alone.
  if (entry.id.size() > limits::feed_uri_bytes_max) entry.id = named_information(entry.id);
}

}  // namespace

std::string fingerprint(const Entry& entry) {
  return crypto::hex_encode(crypto::digest(crypto::Hash::sha256, bytes_of(entry)));
}

std::string named_information(std::string_view bytes) {
  return "ni:///sha-256;" + crypto::base64url_encode(crypto::digest(crypto::Hash::sha256, bytes));
}

void complete(Feed& feed) {
  cut(feed.title, limits::feed_text_bytes_max);
  cut(feed.author, limits::feed_text_bytes_max);
  if (feed.link.size() > limits::feed_uri_bytes_max) feed.link.clear();
  if (feed.id.size() > limits::feed_uri_bytes_max) feed.id = named_information(feed.id);
  std::vector<Entry> kept;
  std::unordered_map<std::string, size_t> places;
  for (Entry& entry : feed.entries) {
    complete(entry);
    const auto [place, is_new] = places.try_emplace(entry.id, kept.size());
    if (is_new) {
      kept.push_back(std::move(entry));
    } else if (entry.updated > kept[place->second].updated) {
      kept[place->second] = std::move(entry);
    }
  }
  feed.entries = std::move(kept);
}

}  // namespace xbus::atom
